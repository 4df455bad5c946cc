import { conformalRank } from './conformal-rank.ts'
import { pixelThreshold } from './pixel-threshold.ts'

/** False positive rates not to exceed. */
export interface ThresholdRates {
  /** Share of good images that may be called anomalous, between 0 and 1. */
  readonly falsePositiveRate: number
  /** Expected share of a good image's pixels that may be called anomalous. Default: `falsePositiveRate`. */
  readonly pixelFalsePositiveRate?: number
}

/** Thresholds of a detector and the scores they were computed from, as plain data. */
export interface Calibration {
  /** `held-out`: from images that the fit did not see; `cross-fitted`: from images scored by detectors that were fitted without them. */
  readonly method: 'held-out' | 'cross-fitted'
  /** As requested. */
  readonly falsePositiveRate: number
  /** The rate that the threshold guarantees, at most `falsePositiveRate`; null where none is guaranteed (`cross-fitted`). */
  readonly guaranteedRate: number | null
  /** An image is anomalous when its score is above this. */
  readonly threshold: number
  /** As requested. */
  readonly pixelFalsePositiveRate: number
  /** A pixel is anomalous when its map value is above this. */
  readonly pixelThreshold: number
  /** Scores of the good images, ascending; p-values are computed from them. */
  readonly scores: Float64Array
  /** Highest map value of each good image, ascending; p-values of regions are computed from them. Files of earlier versions have none. */
  readonly peaks?: Float64Array | undefined
}

/** Image scores and anomaly maps of good images, in the same order, all finite. */
export interface NormalScores {
  readonly scores: readonly number[]
  readonly maps: readonly Float32Array[]
  /** Highest map value of each image. */
  readonly peaks: readonly number[]
}

/**
 * Computes thresholds from the scores of good images.
 * @throws INVALID_ARGUMENT for a rate that so few images cannot support, or maps of different sizes
 */
export function calibrationOf(
  where: string,
  method: Calibration['method'],
  { scores, maps, peaks }: NormalScores,
  { falsePositiveRate, pixelFalsePositiveRate = falsePositiveRate }: ThresholdRates,
): Calibration {
  const { rank, rate } = conformalRank(where, scores.length, falsePositiveRate)
  const ascending = Float64Array.from(scores).sort()
  return {
    method,
    falsePositiveRate,
    guaranteedRate: method === 'held-out' ? rate : null,
    threshold: ascending[rank - 1] as number,
    pixelFalsePositiveRate,
    pixelThreshold: pixelThreshold(where, maps, pixelFalsePositiveRate),
    scores: ascending,
    peaks: Float64Array.from(peaks).sort(),
  }
}
