import { whereDefined } from '../where-defined.ts'

/** Takes down that a metric is undefined, and why. */
export type Note = (metric: string, reason: string) => void

/** What `compute` gives, or null with a note for each metric when it is undefined. Other errors pass. */
export function definedOrNoted<T>(metrics: readonly string[], compute: () => T, note: Note): T | null {
  const found = whereDefined(compute, (reason) => {
    for (const metric of metrics) note(metric, reason)
  })
  return found ?? null
}
