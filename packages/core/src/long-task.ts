import { TabError } from './errors.ts'

/** How far a long task is: `done` of `total` units of the named phase (`total` undefined while unknown). */
export interface Progress {
  readonly phase: string
  readonly done: number
  readonly total?: number
}

/** What every long operation accepts. */
export interface LongTaskOptions {
  /** Stops the task at its next step; the promise rejects with ABORTED and nothing is left behind. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * Stops a long task whose signal fired.
 * @throws ABORTED with the signal's reason as cause
 */
export function throwIfAborted(where: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TabError('ABORTED', { where, message: 'aborted by the caller', cause: signal.reason })
}

const PAUSE_MILLISECONDS = 40

/**
 * Lets other work of the process in now and then: awaited in a long loop, the function waits a turn of the event loop when 40 ms
 * have passed since the last, and stops a task whose signal fired.
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
