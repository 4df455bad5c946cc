import { access, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { defectsOf, PART_KINDS, type PartKind } from '@tab/data'
import { writeSyntheticDataset } from '@tab/data/node'

const SIZE = 224 // pixels
const COUNTS = { train: 60, good: 30, perDefect: 4 }
const SEED = 20261128

const isFamily = (name: string): name is PartKind => (PART_KINDS as readonly string[]).includes(name)
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Folders of the sets: a generated one is written where it is not yet there, a real one is looked for in `data`.
 * @throws naming the real sets that are not there
 */
export async function openSets(
  names: readonly string[],
  { data, output }: { readonly data: string; readonly output: string },
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>()
  const missing: string[] = []
  for (const name of names) {
    const folder = isFamily(name) ? join(output, 'families', name) : join(data, name)
    if (isFamily(name) && !(await exists(folder))) await writeFamily(name, folder)
    if (await exists(folder)) folders.set(name, folder)
    else missing.push(folder)
  }
  if (missing.length > 0) throw new Error(`the panel needs ${missing.join(', ')}`)
  return folders
}

async function writeFamily(part: PartKind, folder: string): Promise<void> {
  const partial = `${folder}.partial`
  await rm(partial, { recursive: true, force: true })
  await writeSyntheticDataset(partial, { part, size: [SIZE, SIZE], seed: SEED, ...COUNTS, defects: defectsOf(part) })
  await rename(partial, folder)
}
