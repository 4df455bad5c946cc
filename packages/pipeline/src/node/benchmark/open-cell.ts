import type { Dataset } from '@tab/data'
import { openDataset } from '@tab/data/node'
import type { Cell } from './cells.ts'

/** The data set, or the category of one, that a cell speaks of. */
export async function openCell({ path, layout, name }: Cell, signal: AbortSignal | undefined): Promise<Dataset> {
  return openDataset(path, { layout, category: name.category === '' ? undefined : name.category, signal })
}
