import { isTabError } from '@tab/core'

/** Takes down that a metric is undefined, and why. */
export type Note = (metric: string, reason: string) => void

/** What `compute` gives, or null with a note for each metric when it is undefined. Other errors pass. */
export function whereDefined<T>(metrics: readonly string[], compute: () => T, note: Note): T | null {
  try {
    return compute()
  } catch (error) {
    if (!isTabError(error, 'UNDEFINED_RESULT')) throw error
    for (const metric of metrics) note(metric, error.message)
    return null
  }
}
