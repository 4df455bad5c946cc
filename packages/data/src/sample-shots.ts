import { checkNumber, createRng, shuffle, TabError } from '@tab/core'
import type { Sample } from './dataset.ts'
import { goodImagesOf } from './good-images.ts'

export interface SampleShotsOptions {
  /** The number of images, from 1. */
  readonly shots: number
  /** Decides which images are drawn. */
  readonly seed: number | string
}

/**
 * Draws good training images for a few-shot experiment. The choice depends only on the seed and the ids, not on the platform, the
 * order of the samples or the number of shots. For the same seed, more shots start with the images of fewer, so a curve over
 * shots only ever adds images.
 * @param samples of any split and label; only good training images are drawn
 * @returns `shots` samples, in the order drawn
 * @throws INVALID_ARGUMENT if there are fewer good training images than shots, or two have the same id
 * @example
 * ```ts
 * import { sampleShots } from '@tab/data'
 * import { openDataset } from '@tab/data/node'
 * const { samples } = await openDataset('washers')
 * const [one] = sampleShots(samples, { shots: 1, seed: 0 })
 * const two = sampleShots(samples, { shots: 2, seed: 0 })
 * console.log(two.length, two[0] === one) // 2 true
 * ```
 */
export function sampleShots(samples: readonly Sample[], { shots, seed }: SampleShotsOptions): Sample[] {
  const where = 'sampleShots'
  checkNumber(where, 'shots', shots, { integer: true, minimum: 1 })
  const normals = goodImagesOf({ samples })
  const byId = new Map(normals.map((sample) => [sample.id, sample]))
  if (byId.size < normals.length) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: 'samples with different ids',
      actual: 'two with the same id',
    })
  }
  if (normals.length < shots) {
    const expected = `at least ${shots} good training images for ${shots} shots`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(normals.length) })
  }
  const drawn = shuffle(createRng(seed), [...byId.keys()].sort())
  return drawn.slice(0, shots).map((id) => byId.get(id) as Sample)
}
