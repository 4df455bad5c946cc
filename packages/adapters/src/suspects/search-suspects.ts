import type { DetectorRecipe, LongTaskOptions } from '@tab/core'
import { findSuspects, SUSPECTS_NEED, type FindSuspectsOptions, type Suspect } from './find-suspects.ts'
import type { ImageSource } from '../normal-images/image-source.ts'
import { scoreUnseen } from './score-unseen.ts'

export interface SearchSuspectsOptions extends FindSuspectsOptions, LongTaskOptions {
  /** Seed for drawing the halves. Default 0. */
  readonly seed?: number
}

const ROUNDS = 3

/**
 * Searches good images for photographs that are not good: `scoreUnseen`, then `findSuspects`. When suspects are found, it searches
 * again without them, in at most three rounds, as they no longer hide others like them. Defects that more than a few images share look
 * like a kind of good part and are not found.
 * @param images 5 or more; read several times
 * @returns suspects, the highest score first; `index` is the number of the image
 * @throws as `scoreUnseen` and `findSuspects` do
 * @example
 * ```ts
 * import { patchCore, searchSuspects } from '@tab/adapters'
 * import { deriveRng, referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const photograph = (index: number) => {
 *   const rng = deriveRng(1, index) // grey noise, and number 5 is too bright
 *   return tensor([1, 8, 8, 3], Float32Array.from({ length: 192 }, () => (index === 5 ? 0.7 : 0.5) + 0.1 * rng()))
 * }
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'] })
 * const suspects = await searchSuspects(recipe, { count: 12, batches: (indices) => indices.map(photograph) })
 * console.log(suspects.map(({ index }) => index)) // [ 5 ]
 * ```
 */
export async function searchSuspects(
  recipe: DetectorRecipe,
  images: ImageSource,
  { errorRate = 0.05, ...options }: SearchSuspectsOptions = {},
): Promise<readonly Suspect[]> {
  const suspects: Suspect[] = []
  let rest = Array.from({ length: images.count }, (_, index) => index)
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0 && rest.length < SUSPECTS_NEED) break
    const numbers = rest
    const source: ImageSource = {
      count: numbers.length,
      batches: (indices) => images.batches(indices.map((index) => numbers[index] as number)),
    }
    const found = findSuspects(await scoreUnseen(recipe, source, options), { errorRate })
    if (found.length === 0) break
    suspects.push(...found.map((suspect) => ({ ...suspect, index: numbers[suspect.index] as number })))
    const taken = new Set(suspects.map(({ index }) => index))
    rest = rest.filter((index) => !taken.has(index))
  }
  return suspects.sort((left, right) => right.score - left.score)
}
