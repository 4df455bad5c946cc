import { checkNumber, createRng, shuffle, TabError } from '@tab/core'
import type { Sample } from './dataset.ts'
import { goodImagesOf } from './good-images.ts'

export interface SampleShotsOptions {
  /** Number of images, from 1. */
  readonly shots: number
  /** Chooses which ones. */
  readonly seed: number | string
}

/**
 * Draws good training images for a few-shot experiment. The choice depends on the seed and the ids alone: not on the platform, the
 * order of the samples or the number of shots. With one seed, fewer shots are the beginning of more, so that a curve over
 * shots adds images and exchanges none.
 * @param samples of any split and label; good training ones are drawn from
 * @returns `shots` samples, in the order in which they were drawn
 * @throws INVALID_ARGUMENT when there are fewer good training images than shots, or two of one id
 */
export function sampleShots(samples: readonly Sample[], { shots, seed }: SampleShotsOptions): Sample[] {
  const where = 'sampleShots'
  checkNumber(where, 'shots', shots, { integer: true, minimum: 1 })
  const normals = goodImagesOf({ samples })
  const byId = new Map(normals.map((sample) => [sample.id, sample]))
  if (byId.size < normals.length) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'samples of different ids', actual: 'two of one id' })
  }
  if (normals.length < shots) {
    const expected = `at least ${shots} good training images for ${shots} shots`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(normals.length) })
  }
  const drawn = shuffle(createRng(seed), [...byId.keys()].sort())
  return drawn.slice(0, shots).map((id) => byId.get(id) as Sample)
}
