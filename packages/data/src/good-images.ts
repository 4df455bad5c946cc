import type { Dataset, Sample } from './dataset.ts'

/** The good training images of a data set: what a detector may be fitted on. */
export function goodImagesOf({ samples }: Pick<Dataset, 'samples'>): readonly Sample[] {
  return samples.filter(({ split, label }) => split === 'train' && label === 0)
}
