import type { Dataset } from '@tab/data'
import { openDataset, type OpenDatasetOptions } from '@tab/data/node'
import { datasetWarnings } from '../results/warning-lines.ts'

/** Opens a data set and tells its warnings with its name, such as pictures that are left out. @throws as `openDataset` does */
export async function openNoted(
  path: string,
  options: OpenDatasetOptions,
  onNote: ((note: string, name: string) => void) | undefined,
): Promise<Dataset> {
  const dataset = await openDataset(path, options)
  for (const warning of datasetWarnings(dataset)) onNote?.(warning, dataset.name)
  return dataset
}
