import { calibrateThreshold, crossCalibrate, numberedImages, type Calibration, type ImageSource } from '@tab/adapters'
import { isTabError, type Detector, type DetectorRecipe, type LongTaskOptions, type Tensor } from '@tab/core'
import { holdOut } from './hold-out.ts'
import type { ThresholdPlan } from './plan-threshold.ts'

/** What is fitted, on what, and how its thresholds are made. */
export interface FitPlan {
  readonly recipe: DetectorRecipe
  readonly images: ImageSource
  /** Of the images to fit and calibrate on. */
  readonly numbers: readonly number[]
  readonly seed: number
  readonly threshold: ThresholdPlan
  /** Whether images are read for every fit, instead of being kept in memory. Default false. */
  readonly isReadAgain?: boolean
}

/** A fitted detector; the caller disposes of it. */
export interface FittedDetector {
  readonly detector: Detector
  readonly calibration: Calibration | undefined
  /** How the threshold was made in the end, or why there is none. */
  readonly threshold: ThresholdPlan
  readonly images: { readonly fitted: number; readonly heldOut: number }
}

/**
 * Fits a detector and makes its thresholds. Thresholds that nobody asked for and that the method cannot make on a part of the images
 * are left out, with the reason.
 * @throws INVALID_ARGUMENT before anything is fitted when there are too few images for the rate that was asked for
 */
export async function fitDetector(plan: FitPlan, { signal, onProgress }: LongTaskOptions): Promise<FittedDetector> {
  const { recipe, images, numbers, seed, threshold } = plan
  async function* counted(some: readonly number[], phase: 'fit' | 'calibrate'): AsyncGenerator<Tensor> {
    let done = 0
    for await (const batch of numbered(images, some)) {
      yield batch
      done += batch.shape[0] as number
      onProgress?.({ phase, done, total: some.length })
    }
  }
  // The images are counted here, where their number is known.
  const task: LongTaskOptions = {
    signal,
    onProgress: (step) => ['extract', 'read', 'calibrate'].includes(step.phase) || onProgress?.(step),
  }
  if (threshold.method === 'none') {
    const detector = await recipe.fit(counted(numbers, 'fit'), task)
    return { detector, calibration: undefined, threshold, images: { fitted: numbers.length, heldOut: 0 } }
  }
  if (threshold.method === 'cross-fitted') {
    const options = { falsePositiveRate: threshold.rate, folds: threshold.folds, seed, ...task }
    try {
      const source: ImageSource = {
        count: numbers.length,
        batches: (indices) =>
          numbered(
            images,
            indices.map((index) => numbers[index] as number),
          ),
      }
      const made = await crossCalibrate(recipe, plan.isReadAgain ? source : counted(numbers, 'fit'), options)
      return { ...made, threshold, images: { fitted: numbers.length, heldOut: 0 } }
    } catch (error) {
      if (!threshold.isDefault || !isTabError(error, 'INVALID_ARGUMENT')) throw error
      return fitDetector({ ...plan, threshold: { method: 'none', reason: error.message } }, { signal, onProgress })
    }
  }
  const { rest, heldOut } = holdOut(numbers, threshold.rate, seed)
  const detector = await recipe.fit(counted(rest, 'fit'), task)
  try {
    const options = { falsePositiveRate: threshold.rate, ...task }
    const calibration = await calibrateThreshold(detector, counted(heldOut, 'calibrate'), options)
    return { detector, calibration, threshold, images: { fitted: rest.length, heldOut: heldOut.length } }
  } catch (error) {
    detector.dispose()
    throw error
  }
}

/** The batches of a source, with the numbers of their images. */
async function* numbered(images: ImageSource, numbers: readonly number[]): AsyncGenerator<Tensor> {
  let done = 0
  for await (const batch of images.batches(numbers)) {
    const end = done + (batch.shape[0] as number)
    yield numberedImages(batch, numbers.slice(done, end))
    done = end
  }
}
