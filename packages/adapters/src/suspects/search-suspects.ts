import type { DetectorRecipe, LongTaskOptions } from '@tab/core'
import { findSuspects, SUSPECTS_NEED, type FindSuspectsOptions, type Suspect } from './find-suspects.ts'
import type { ImageSource } from './image-source.ts'
import { scoreUnseen } from './score-unseen.ts'

export interface SearchSuspectsOptions extends FindSuspectsOptions, LongTaskOptions {
  /** Of the draws. Default 0. */
  readonly seed?: number
}

const ROUNDS = 3

/**
 * Looks among good images for photographs that are not: `scoreUnseen`, then `findSuspects`; while something is found, once more without
 * it (three rounds at most), as what is taken out no longer hides others like it. Defects that more than a few images share
 * look like a kind of good part, and are not found.
 * @param images 5 or more; read several times
 * @returns the highest score first; places are the images' numbers
 * @throws as `scoreUnseen` and `findSuspects`
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
