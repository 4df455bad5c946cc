import { sampleShots, type Dataset } from '@tab/data'

/**
 * The data set with so many of its good training images, drawn by the seed, and all of its test images.
 * @throws INVALID_ARGUMENT where it has fewer
 */
export function withShots(dataset: Dataset, shots: number | 'full', seed: number): Dataset {
  if (shots === 'full') return dataset
  const drawn = sampleShots(dataset.samples, { shots, seed })
  return { ...dataset, samples: [...drawn, ...dataset.samples.filter(({ split }) => split === 'test')] }
}
