import { TabError } from './errors.ts'

/** The progress of a long task: `done` of `total` units of the named phase (`total` is undefined while unknown). */
export interface Progress {
  readonly phase: string
  readonly done: number
  readonly total?: number
}

/** What every long operation accepts. */
export interface LongTaskOptions {
  /** Stops the task at its next step; the promise rejects with ABORTED and no partial output remains. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * Stops a long task whose signal has fired.
 * @throws ABORTED with the signal's reason as cause
 * @example
 * ```ts
 * import { throwIfAborted } from '@tab/core'
 * try {
 *   throwIfAborted('myTask', AbortSignal.abort())
 * } catch (error) {
 *   console.log((error as Error).message) // myTask: aborted by the caller
 * }
 * ```
 */
export function throwIfAborted(where: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TabError('ABORTED', { where, message: 'aborted by the caller', cause: signal.reason })
}

const PAUSE_MILLISECONDS = 40

/**
 * Keeps the process responsive during a long loop: when awaited in it, the function yields to the event loop every 40 ms, and stops a
 * task whose signal has fired.
 * @example
 * ```ts
 * import { createPause } from '@tab/core'
 * const pause = createPause('mySum', new AbortController().signal)
 * let sum = 0
 * for (let row = 0; row < 1000; row++) {
 *   sum += row
 *   await pause()
 * }
 * console.log(sum) // 499500
 * ```
 */
export function createPause(where: string, signal?: AbortSignal): () => Promise<void> | undefined {
  let due = performance.now() + PAUSE_MILLISECONDS
  return () => {
    if (performance.now() < due) return undefined
    return new Promise((resolve) => setTimeout(resolve, 0)).then(() => {
      throwIfAborted(where, signal)
      due = performance.now() + PAUSE_MILLISECONDS
    })
  }
}
