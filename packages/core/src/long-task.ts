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
