import { join } from 'node:path'
import { checkNumber, throwIfAborted, type LongTaskOptions } from '@tab/core'
import type { DefectKind } from '../synthetic-parts/defects.ts'
import { syntheticParts, type SyntheticPart, type SyntheticPartsOptions } from '../synthetic-parts/synthetic-parts.ts'
import { writeImage, writeMask } from './write-image.ts'

const OF_EVERY_PART: readonly DefectKind[] = ['contamination', 'dent', 'missing', 'scratch', 'stain']

export interface SyntheticDatasetOptions extends SyntheticPartsOptions, LongTaskOptions {
  /** The number of good images for training. */
  readonly train: number
  /** The number of good images for the test. */
  readonly good: number
  /** The number of defective test images per kind. */
  readonly perDefect: number
  /** Default: contamination, dent, missing, scratch and stain, which every part can have; `defectsOf(part)` lists all that this one can. */
  readonly defects?: readonly DefectKind[]
}

/**
 * Writes a data set of synthetic parts into a folder, as PNG files in the layout of MVTec AD.
 * @example
 * ```ts
 * import { openDataset, writeSyntheticDataset } from '@tab/data/node'
 * await writeSyntheticDataset('tablets', { part: 'tablet', size: [64, 64], seed: 1, train: 2, good: 1, perDefect: 1 })
 * console.log((await openDataset('tablets')).samples.length) // 8
 * ```
 */
export async function writeSyntheticDataset(root: string, options: SyntheticDatasetOptions): Promise<void> {
  const { train, good, perDefect, defects = OF_EVERY_PART, signal, onProgress } = options
  for (const [name, count] of Object.entries({ train, good, perDefect })) {
    checkNumber('writeSyntheticDataset', name, count, { integer: true, minimum: 0 })
  }
  const parts = syntheticParts(options)
  const total = train + good + perDefect * defects.length
  let done = 0
  async function write(folder: string, name: number, part: SyntheticPart): Promise<void> {
    throwIfAborted('writeSyntheticDataset', signal)
    const file = `${String(name).padStart(3, '0')}.png`
    await writeImage(join(root, folder, part.defect, file), part.image)
    if (part.defect !== 'good') {
      await writeMask(join(root, 'ground_truth', part.defect, file.replace('.png', '_mask.png')), part.mask)
    }
    onProgress?.({ phase: 'draw', done: ++done, total })
  }
  for (let i = 0; i < train; i++) await write('train', i, parts.normal(i))
  for (let i = 0; i < good; i++) await write('test', i, parts.normal(train + i))
  for (const defect of defects) {
    for (let i = 0; i < perDefect; i++) await write('test', i, parts.anomalous(i, defect))
  }
}
