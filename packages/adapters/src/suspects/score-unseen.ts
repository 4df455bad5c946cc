import { createRng, shuffle, TabError, throwIfAborted, type DetectorRecipe, type LongTaskOptions } from '@tab/core'
import { normalBatches } from '../normal-images/normal-batches.ts'
import type { ImageSource } from '../normal-images/image-source.ts'

export interface ScoreUnseenOptions extends LongTaskOptions {
  /** Seed for drawing the halves. Default 0. */
  readonly seed?: number
}

const MOST_FITTED = 64 // images per fit, which bounds its cost, however many images there are

/**
 * Scores every good image with detectors that were not fitted on it. It draws two disjoint halves (of at most 64 images each), fits a
 * detector on each, and scores all images which that detector has not seen. This is repeated with new draws, and each image keeps its
 * highest score. Leaving out one image at a time would not do: two photographs of the same defect hide each other in every fit that
 * includes the other, while a draw separates them with a probability of at least one half. There are six draws for up to 64 images,
 * three for up to 128 and two for more, so that a pair of few images stays together in at most 1.6 % of cases. The cost is 12, 6 or 4
 * fits on half of the images, or on 64. Neither maps nor images are kept beyond the current batch; give the recipe a
 * `memoizedExtractor` to extract features only once.
 * @param images 4 or more; read several times
 * @returns [count], in the order of the images
 * @throws INVALID_ARGUMENT for fewer images, or when the source yields another number than asked for; NUMERICAL for a score that is not
 *   finite; whatever `recipe.fit` throws; ABORTED
 * @example
 * ```ts
 * import { patchCore, scoreUnseen } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const levels = [0.5, 0.51, 0.49, 0.5, 0.52, 0.9] // the last one is bad
 * const batches = (indices: readonly number[]) =>
 *   indices.map((index) => tensor([1, 8, 8, 3], new Float32Array(192).fill(levels[index] ?? 0)))
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'], coresetRatio: 1 })
 * const scores = await scoreUnseen(recipe, { count: levels.length, batches })
 * console.log(scores.indexOf(Math.max(...scores))) // 5
 * ```
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
