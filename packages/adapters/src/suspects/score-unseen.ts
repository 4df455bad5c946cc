import { createRng, shuffle, TabError, throwIfAborted, type DetectorRecipe, type LongTaskOptions } from '@tab/core'
import { normalBatches } from '../normal-images/normal-batches.ts'
import type { ImageSource } from './image-source.ts'

export interface ScoreUnseenOptions extends LongTaskOptions {
  /** Of the draws. Default 0. */
  readonly seed?: number
}

const MOST_FITTED = 64 // images a fit: what one costs is bounded, however many images there are

/**
 * Scores every good image by detectors that were not fitted on it: two disjoint halves are drawn (of at most 64 images each), a
 * detector is fitted on either and scores all that it has not seen; this is repeated over new draws, and the highest score of each
 * image counts. Halves, and not all images but one: two photographs of one defect hide each other in every fit that holds the
 * other one, and a draw parts them with a probability of a half or more. Six draws are made of up to 64 images, three of up to
 * 128, two of more, so a pair stays together in 1.6 % of cases at most where there are few images. The cost is 12, 6 or 4 fits on
 * half of the images or on 64. No map is kept, and no image but the batch at hand; hand the recipe a `memoizedExtractor`
 * to extract features once.
 * @param images 4 or more; read several times
 * @returns [count], in the order of the images
 * @throws INVALID_ARGUMENT for fewer images or other ones than the source counts, NUMERICAL for a score that is not finite; what `recipe.fit` throws; ABORTED
 */
export async function scoreUnseen(
  recipe: DetectorRecipe,
  images: ImageSource,
  { seed = 0, signal, onProgress }: ScoreUnseenOptions = {},
): Promise<Float64Array> {
  const where = 'scoreUnseen'
  const { count } = images
  if (!(count >= 4)) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least 4 good images', actual: String(count) })
  }
  const rng = createRng(seed)
  const fitted = Math.min(Math.floor(count / 2), MOST_FITTED)
  const draws = drawsFor(count)
  const all = Array.from({ length: count }, (_, index) => index)
  const scores = new Float64Array(count).fill(-Infinity)
  let done = 0
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffle(rng, all)
    for (const half of [order.slice(0, fitted), order.slice(fitted, 2 * fitted)]) {
      onProgress?.({ phase: 'suspects', done: done++, total: 2 * draws })
      await scoreOthers(half)
    }
  }
  onProgress?.({ phase: 'suspects', done, total: done })
  return scores

  async function scoreOthers(half: readonly number[]): Promise<void> {
    throwIfAborted(where, signal)
    const seen = new Set(half)
    const others = all.filter((index) => !seen.has(index))
    const detector = await recipe.fit(images.batches([...half].sort((left, right) => left - right)), { signal })
    try {
      let place = 0
      for await (const batch of normalBatches(where, images.batches(others), signal)) {
        const prediction = await detector.predict(batch.images, { signal })
        for (const score of prediction.scores.data) {
          if (!Number.isFinite(score)) {
            throw new TabError('NUMERICAL', { where, expected: 'finite scores', actual: String(score) })
          }
          const index = others[place++]
          if (index !== undefined) scores[index] = Math.max(scores[index] as number, score)
        }
      }
      if (place !== others.length) {
        const expected = `${others.length} images from the source`
        throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(place) })
      }
    } finally {
      detector.dispose()
    }
  }
}

function drawsFor(count: number): number {
  if (count <= MOST_FITTED) return 6
  return count <= 2 * MOST_FITTED ? 3 : 2
}
