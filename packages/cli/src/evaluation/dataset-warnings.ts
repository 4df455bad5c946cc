import type { Dataset } from '@tab/data'

/** What a data set says about itself that a reader of its figures must know, a sentence each; none where it says nothing. */
export function datasetWarnings(dataset: Dataset): string[] {
  const found: unknown = 'warnings' in dataset ? dataset.warnings : undefined
  return Array.isArray(found) ? found.map(textOf) : []
}

function textOf(warning: unknown): string {
  if (typeof warning === 'object' && warning !== null && 'path' in warning && 'message' in warning) {
    return `${String(warning.path)}: ${String(warning.message)}`
  }
  return String(warning)
}
