import type { Dataset } from '@tab/data'

/** What is doubtful in a data set though it could be opened, a line each. */
export function datasetWarnings({ warnings = [] }: Dataset): readonly string[] {
  return warnings.map(({ path, message }) => `${path}: ${message}`)
}
