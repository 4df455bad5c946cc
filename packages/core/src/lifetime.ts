import { TabError } from './errors.ts'

/** The state of a part that holds resources. */
export interface Lifetime {
  /** @throws DISPOSED once {@link end} was called */
  check(operation: string): void
  /**
   * Takes over a part that was made of this one and must not outlive it.
   * @throws DISPOSED, with the part disposed of, when it was made too late
   */
  own<T extends { dispose(): void }>(operation: string, part: T): T
  /** Ends it and what it owns. @returns false when it had ended before, so that resources are freed once */
  end(): boolean
}

/**
 * What a `dispose()` needs: it may be called again, and every use after it is refused.
 * @param where the part, for messages: `onnxBackend`
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
