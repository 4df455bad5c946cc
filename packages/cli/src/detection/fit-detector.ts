import { calibrateThreshold, crossCalibrate, imagesNeeded, type Calibration } from '@tab/adapters'
import {
  createRng,
  sampleIndices,
  TabError,
  type Detector,
  type DetectorRecipe,
  type LongTaskOptions,
  type Tensor,
} from '@tab/core'
import type { Sample } from '@tab/data'
import { imageBatches, type ImageBatchOptions } from '@tab/data/node'

const HELD_OUT_SHARE = 0.2 // of the good images, if that is enough for the rate

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
  const heldOut = drawHeldOut(samples.length, rate, seed)
  const rest = samples.filter((_, index) => !heldOut.has(index))
  const detector = await recipe.fit(images(rest, 'fitted'), task)
  try {
    const held = samples.filter((_, index) => heldOut.has(index))
    const options = { falsePositiveRate: rate, ...task }
    return {
      detector,
      calibration: await calibrateThreshold(detector, images(held, 'heldOut'), options),
      images: counted,
    }
  } catch (error) {
    detector.dispose()
    throw error
  }
}

/** A fifth of the images, or as many as the rate takes; half of them at most. */
function drawHeldOut(count: number, rate: number, seed: number): ReadonlySet<number> {
  const wanted = Math.max(imagesNeeded(rate), Math.round(HELD_OUT_SHARE * count))
  if (wanted <= count / 2) return new Set(sampleIndices(createRng(seed), count, wanted))
  throw new TabError('INVALID_ARGUMENT', {
    where: '--calibrate',
    message:
      `a rate of ${rate} takes ${wanted} good images held out, and as many or more to fit on; there are ${count}. ` +
      'Give a higher rate, or --folds to calibrate without holding any out',
  })
}
