import { whereDefined } from '../where-defined.ts'

/** Records that a metric is undefined, and why. */
export type Note = (metric: string, reason: string) => void

/** The result of `compute`, or null, with a note for each metric, where it is undefined. Other errors are thrown on. */
export function definedOrNoted<T>(metrics: readonly string[], compute: () => T, note: Note): T | null {
  const found = whereDefined(compute, (reason) => {
    for (const metric of metrics) note(metric, reason)
  })
  return found ?? null
}
