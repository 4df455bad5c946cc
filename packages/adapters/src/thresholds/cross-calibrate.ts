import { checkNumber, TabError, type Detector, type DetectorRecipe, type LongTaskOptions, type Tensor } from '@tab/core'
import { holdImages } from '../normal-images/held-images.ts'
import type { ImageSource } from '../normal-images/image-source.ts'
import { calibrationOf, type Calibration, type ThresholdRates } from './calibration.ts'
import { conformalRank } from './conformal-rank.ts'
import { crossFit, drawFolds } from './cross-fit.ts'

export interface CrossCalibrateOptions extends ThresholdRates, LongTaskOptions {
  /** Number of folds, each scored by a detector fitted on the others: from 2 to the number of images (leave-one-out). Default 5, or the number of images if there are fewer. */
  readonly folds?: number
  /** Seed for drawing the folds. Default 0. */
  readonly seed?: number
}

/** A detector fitted on all good images, and thresholds for which none was held out. */
export interface CrossCalibrated<D extends Detector = Detector> {
  readonly detector: D
  readonly calibration: Calibration
}

/**
 * Fits on all good images and computes thresholds from the same ones, for when there are too few to hold any out: every image is
 * scored by a detector that was fitted on the other folds. Those detectors saw fewer images, so their scores tend to be higher, and the
 * threshold errs towards fewer alarms. Unlike `calibrateThreshold`, it guarantees no rate (`guaranteedRate` is null; Barber et al. 2021
 * show what the jackknife and cross-validation can guarantee: twice the rate for CV+, which compares fold by fold). Keeps images, 12
 * bytes per pixel, and their maps in memory.
 * @param normals batches [N,H,W,3] of n >= 1 / rate - 1 good images, read once; or a source of them that is read for every fold, so that images
 *   are not kept
 * @throws INVALID_ARGUMENT for a rate that n images cannot support, before anything is fitted; whatever `recipe.fit` throws; ABORTED
 * @example
 * ```ts
 * import { crossCalibrate, patchCore } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const image = (level: number) => tensor([1, 8, 8, 3], new Float32Array(192).fill(level))
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'], coresetRatio: 1 })
 * const good = [0.5, 0.52, 0.51, 0.49, 0.48, 0.47, 0.53, 0.5, 0.54].map(image)
 * const { detector, calibration } = await crossCalibrate(recipe, good, { falsePositiveRate: 0.1, folds: 3 })
 * const { scores } = await detector.predict(image(0.7))
 * console.log(calibration.guaranteedRate, (scores.data[0] ?? NaN) > calibration.threshold) // null true
 * ```
 */
export async function crossCalibrate<D extends Detector>(
  recipe: DetectorRecipe<D>,
  normals: AsyncIterable<Tensor> | Iterable<Tensor> | ImageSource,
  { folds, seed = 0, signal, onProgress, ...rates }: CrossCalibrateOptions,
): Promise<CrossCalibrated<D>> {
  const where = 'crossCalibrate'
  checkNumber(where, 'seed', seed, { integer: true, minimum: 0 })
  const images = 'batches' in normals ? normals : await holdImages(normals, { where, signal, onProgress })
  const { count } = images
  if (count < 2) {
    const expected = 'at least two good images, as each is scored by a detector fitted on the others'
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(count) })
  }
  conformalRank(where, count, rates.falsePositiveRate)
  conformalRank(where, count, rates.pixelFalsePositiveRate ?? rates.falsePositiveRate, 'pixelFalsePositiveRate')
  const number = checkNumber(where, 'folds', folds === undefined ? Math.min(5, count) : folds, {
    integer: true,
    minimum: 2,
    maximum: count,
  })
  const groups = drawFolds(count, number, seed)
  const calibration = calibrationOf(
    where,
    'cross-fitted',
    await crossFit(where, recipe, images, groups, { signal, onProgress }),
    rates,
  )
  const all = Array.from({ length: count }, (_, index) => index)
  return { detector: await recipe.fit(images.batches(all), { signal, onProgress }), calibration }
}
