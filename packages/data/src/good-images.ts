import type { Dataset, Sample } from './dataset.ts'

/**
 * The good training images of a data set: what a detector may be fitted on.
 * @example
 * ```ts
 * import { goodImagesOf } from '@tab/data'
 * import { openDataset } from '@tab/data/node'
 * const good = goodImagesOf(await openDataset('washers'))
 * console.log(good.every(({ split, label }) => split === 'train' && label === 0)) // true
 * ```
 */
export function goodImagesOf({ samples }: Pick<Dataset, 'samples'>): readonly Sample[] {
  return samples.filter(({ split, label }) => split === 'train' && label === 0)
}
