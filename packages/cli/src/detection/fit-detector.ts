import { calibrateThreshold, crossCalibrate, type Calibration } from '@tab/adapters'
import type { Detector, DetectorRecipe, LongTaskOptions, Tensor } from '@tab/core'
import type { Sample } from '@tab/data'
import { imageBatches, type ImageBatchOptions } from '@tab/data/node'
import { holdOut } from './hold-out.ts'

/** What is fitted, on what, and how its thresholds are made. */
export interface FitPlan {
  readonly recipe: DetectorRecipe
  /** Good images. */
  readonly samples: readonly Sample[]
  readonly reading: ImageBatchOptions
  readonly seed: number
  /** False positive rate; undefined makes no thresholds. */
  readonly rate: number | undefined
  /** Cross-fit over so many folds instead of holding images out. */
  readonly folds: number | undefined
}

/** A fitted detector; the caller disposes of it. */
export interface FittedDetector {
  readonly detector: Detector
  readonly calibration: Calibration | undefined
  readonly images: { readonly fitted: number; readonly heldOut: number }
}

/**
 * Fits a detector and makes its thresholds.
 * @throws INVALID_ARGUMENT before anything is read when there are too few images for the rate
 */
export async function fitDetector(plan: FitPlan, { signal, onProgress }: LongTaskOptions): Promise<FittedDetector> {
  const { recipe, samples, reading, seed, rate, folds } = plan
  const counted = { fitted: 0, heldOut: 0 }
  async function* images(some: readonly Sample[], kind: keyof typeof counted): AsyncGenerator<Tensor> {
    for await (const batch of imageBatches(some, reading)) {
      yield batch.images
      counted[kind] += batch.samples.length
      onProgress?.({ phase: kind === 'fitted' ? 'fit' : 'calibrate', done: counted[kind], total: some.length })
    }
  }
  // The images are counted here, where their number is known.
  const task: LongTaskOptions = {
    signal,
    onProgress: (step) => ['extract', 'read', 'calibrate'].includes(step.phase) || onProgress?.(step),
  }
  if (rate === undefined) {
    return { detector: await recipe.fit(images(samples, 'fitted'), task), calibration: undefined, images: counted }
  }
  if (folds !== undefined) {
    const rates = { falsePositiveRate: rate, folds, seed }
    return { ...(await crossCalibrate(recipe, images(samples, 'fitted'), { ...rates, ...task })), images: counted }
  }
  const { rest, heldOut } = holdOut(samples, rate, seed)
  const detector = await recipe.fit(images(rest, 'fitted'), task)
  try {
    const options = { falsePositiveRate: rate, ...task }
    return {
      detector,
      calibration: await calibrateThreshold(detector, images(heldOut, 'heldOut'), options),
      images: counted,
    }
  } catch (error) {
    detector.dispose()
    throw error
  }
}
