import type { Dataset, Sample } from '@tab/data'
import { openDataset } from '@tab/data/node'
import type { Cell } from './cells.ts'

/** The data set, or the category of one, that a cell speaks of. */
export async function openCell({ path, layout, name }: Cell, signal: AbortSignal | undefined): Promise<Dataset> {
  return openDataset(path, { layout, category: name.category === '' ? undefined : name.category, signal })
}

/** What a detector may be fitted on. */
export function normalsOf({ samples }: Dataset): Sample[] {
  return samples.filter(({ split, label }) => split === 'train' && label === 0)
}
