import { conformalRank } from './conformal-rank.ts'
import { pixelThreshold } from './pixel-threshold.ts'

/** False positive rates to keep to. */
export interface ThresholdRates {
  /** Share of good images that may be called anomalous, between 0 and 1. */
  readonly falsePositiveRate: number
  /** Share of a good image's pixels that may be called anomalous, in expectation. Default: `falsePositiveRate`. */
  readonly pixelFalsePositiveRate?: number
}

/** Thresholds of a detector and the scores they come from; plain data. */
export interface Calibration {
  /** `held-out`: images that the fit did not see; `cross-fitted`: scored by detectors that were fitted without them. */
  readonly method: 'held-out' | 'cross-fitted'
  /** As asked for. */
  readonly falsePositiveRate: number
  /** What the threshold promises, at most `falsePositiveRate`; null where nothing is guaranteed (`cross-fitted`). */
  readonly guaranteedRate: number | null
  /** An image is anomalous when its score is above. */
  readonly threshold: number
  /** As asked for. */
  readonly pixelFalsePositiveRate: number
  /** A pixel is anomalous when its map value is above. */
  readonly pixelThreshold: number
  /** Scores of the good images, ascending; what p-values are counted in. */
  readonly scores: Float64Array
}

/** Image scores and anomaly maps of good images, in one order, all finite. */
export interface NormalScores {
  readonly scores: readonly number[]
  readonly maps: readonly Float32Array[]
}

/**
 * Thresholds from the scores of good images.
 * @throws INVALID_ARGUMENT for a rate that so few images cannot support, or maps of different sizes
 */
export function calibrationOf(
  where: string,
  method: Calibration['method'],
  { scores, maps }: NormalScores,
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
  }
}
