import { searchSuspects, SUSPECTS_NEED } from '@tab/adapters'
import { isTabError, type DetectorRecipe, type LongTaskOptions } from '@tab/core'
import type { Sample } from '@tab/data'
import type { GoodImages } from './good-images.ts'

/** Probability that anything is listed of good images alone. */
export const SUSPECTS_ERROR_RATE = 0.05

/** A photograph among the good ones that looks unlike them. */
export interface SuspectImage {
  readonly sample: Sample
  readonly score: number
  /** Probability that as many good images hold one that scores as high. */
  readonly pValue: number
}

/** What was found among the good images; `suspects` is undefined where they were not checked, with the reason. */
export interface SuspectsReport {
  readonly suspects: readonly SuspectImage[] | undefined
  readonly unchecked?: string
}

/**
 * Looks for photographs among the good ones that are not. Where the detector cannot be fitted on a part of them, they are not checked, and
 * the fit on all says whether it can be fitted at all.
 */
export async function checkSuspects(
  recipe: DetectorRecipe,
  images: GoodImages,
  seed: number,
  task: LongTaskOptions,
): Promise<SuspectsReport> {
  if (images.count < SUSPECTS_NEED) {
    return { suspects: undefined, unchecked: `it takes ${SUSPECTS_NEED} good images, there are ${images.count}` }
  }
  try {
    const found = await searchSuspects(recipe, images, { errorRate: SUSPECTS_ERROR_RATE, seed, ...task })
    const suspects = found.map(({ index, ...rest }) => ({ sample: images.samples[index] as Sample, ...rest }))
    return { suspects }
  } catch (error) {
    if (!isTabError(error, 'INVALID_ARGUMENT')) throw error
    return { suspects: undefined, unchecked: `a fit on a part of the images failed: ${error.message}` }
  }
}
