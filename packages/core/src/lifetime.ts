import { TabError } from './errors.ts'

/** Tracks whether a part that holds resources is still in use. */
export interface Lifetime {
  /** @throws DISPOSED after {@link end} */
  check(operation: string): void
  /**
   * Takes ownership of a part that must not outlive this one.
   * @throws DISPOSED after {@link end}; the part is disposed of first
   */
  own<T extends { dispose(): void }>(operation: string, part: T): T
  /** Disposes of everything it owns. @returns false if it had ended before, so that resources are freed once */
  end(): boolean
}

/**
 * The bookkeeping of a `dispose()` method: it may be called twice, and any use after it is an error.
 * @param where the part, for messages: `onnxBackend`
 * @example
 * ```ts
 * import { createLifetime } from '@tab/core'
 * const lifetime = createLifetime('myBackend')
 * console.log(lifetime.end(), lifetime.end()) // true false
 * try {
 *   lifetime.check('matmul')
 * } catch (error) {
 *   console.log((error as Error).message) // myBackend.matmul: used after dispose()
 * }
 * ```
 */
export function createLifetime(where: string): Lifetime {
  let ended = false
  const parts = new Set<{ dispose(): void }>()
  const check = (operation: string): void => {
    if (ended) throw new TabError('DISPOSED', { where: `${where}.${operation}`, message: 'used after dispose()' })
  }
  return {
    check,
    own(operation, part) {
      if (ended) part.dispose()
      check(operation)
      parts.add(part)
      return {
        ...part,
        dispose() {
          parts.delete(part)
          part.dispose()
        },
      }
    },
    end() {
      if (ended) return false
      ended = true
      for (const part of parts) part.dispose()
      parts.clear()
      return true
    },
  }
}
