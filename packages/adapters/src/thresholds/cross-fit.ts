import { createRng, shuffle, type DetectorRecipe, type LongTaskOptions } from '@tab/core'
import type { ImageSource } from '../normal-images/image-source.ts'
import type { NormalScores } from './calibration.ts'
import { scoreNormals } from './score-normals.ts'

/** Divides the images 0 to `count - 1` at random into `folds` groups whose sizes differ by at most one; each group is ascending. */
export function drawFolds(count: number, folds: number, seed: number): number[][] {
  const order = shuffle(
    createRng(seed),
    Array.from({ length: count }, (_, index) => index),
  )
  return Array.from({ length: folds }, (_, fold) =>
    order.filter((_, place) => place % folds === fold).sort((left, right) => left - right),
  )
}

/**
 * Scores every image with a detector that was fitted on the other folds.
 * @returns scores and maps in the order of the images
 */
export async function crossFit(
  where: string,
  recipe: DetectorRecipe,
  images: ImageSource,
  folds: readonly (readonly number[])[],
  { signal, onProgress }: LongTaskOptions,
): Promise<NormalScores> {
  const scores: number[] = []
  const maps: Float32Array[] = []
  const peaks: number[] = []
  for (const [number, fold] of folds.entries()) {
    onProgress?.({ phase: 'cross-fit', done: number, total: folds.length })
    const others = folds.filter((other) => other !== fold).flat()
    const detector = await recipe.fit(images.batches(others.sort((left, right) => left - right)), { signal })
    try {
      const held = await scoreNormals(where, detector, images.batches(fold), { signal })
      fold.forEach((image, place) => {
        scores[image] = held.scores[place] as number
        maps[image] = held.maps[place] as Float32Array
        peaks[image] = held.peaks[place] as number
      })
    } finally {
      detector.dispose()
    }
  }
  onProgress?.({ phase: 'cross-fit', done: folds.length, total: folds.length })
  return { scores, maps, peaks }
}
