import type { Dataset } from '@tab/data'

const MOST = 10

/** Warnings, a line each: the first ten, and how many more there are. */
export function warningLines(warnings: readonly string[]): string[] {
  const more = warnings.length - MOST
  return [
    ...warnings.slice(0, MOST).map((warning) => `warning: ${warning}`),
    ...(more > 0 ? [`and ${more} more warnings`] : []),
  ]
}

/** What is wrong with a data set and does not make its samples wrong, as lines. */
export function datasetWarnings({ warnings = [] }: Dataset): string[] {
  return warningLines(warnings.map(({ path, message }) => `${path}: ${message}`))
}
