import { isTabError } from '@tab/core'

/** Records that a metric is undefined, and why. */
export type Note = (metric: string, reason: string) => void

/** The result of `compute`, or null, with a note for each metric, where it is undefined. Other errors are thrown on. */
export function whereDefined<T>(metrics: readonly string[], compute: () => T, note: Note): T | null {
  try {
    return compute()
  } catch (error) {
    if (!isTabError(error, 'UNDEFINED_RESULT')) throw error
    for (const metric of metrics) note(metric, error.message)
    return null
  }
}
