import { checkNumber, TabError, type Detector, type DetectorRecipe, type LongTaskOptions, type Tensor } from '@tab/core'
import { holdImages } from '../normal-images/held-images.ts'
import { calibrationOf, type Calibration, type ThresholdRates } from './calibration.ts'
import { conformalRank } from './conformal-rank.ts'
import { crossFit, drawFolds } from './cross-fit.ts'

export interface CrossCalibrateOptions extends ThresholdRates, LongTaskOptions {
  /** Number of fits besides the last, from 2 to the number of images, which leaves one out at a time. Default 5, or all if fewer. */
  readonly folds?: number
  /** Of the draw of the folds. Default 0. */
  readonly seed?: number
}

/** A detector fitted on all good images, and thresholds that none of them was spared for. */
export interface CrossCalibrated<D extends Detector = Detector> {
  readonly detector: D
  readonly calibration: Calibration
}

/**
 * Fits on all good images and makes thresholds from the same ones, for when there are too few to hold any out: every image is
 * scored by a detector that was fitted on the other folds. Those detectors knew fewer images, so their scores tend to be
 * higher and the threshold errs on the side of fewer alarms; but unlike `calibrateThreshold` this promises no rate
 * (`guaranteedRate` is null; Barber et al. 2021 show what jackknife and cross-validation can promise: twice the rate, for
 * CV+, which compares fold by fold). Images are held in memory, 12 bytes a pixel, and so are their maps.
 * @param normals batches [N,H,W,3] of n >= 1 / rate - 1 good images; read once
 * @throws INVALID_ARGUMENT for a rate that n images cannot support, before anything is fitted; what `recipe.fit` throws; ABORTED
 */
export async function crossCalibrate<D extends Detector>(
  recipe: DetectorRecipe<D>,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { folds, seed = 0, signal, onProgress, ...rates }: CrossCalibrateOptions,
): Promise<CrossCalibrated<D>> {
  const where = 'crossCalibrate'
  checkNumber(where, 'seed', seed, { integer: true, minimum: 0 })
  const images = await holdImages(where, normals, { signal, onProgress })
  const { count } = images
  if (count < 2) {
    const expected = 'at least two good images, as each is scored by a fit on the others'
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
