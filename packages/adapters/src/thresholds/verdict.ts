import { TabError } from '@tab/core'
import type { Calibration } from './calibration.ts'

/** The decision on one image. */
export interface Verdict {
  /** Whether the score is above the threshold; the same as `pValue <= falsePositiveRate`. */
  readonly anomalous: boolean
  /** Of the hypothesis "this part is good": above 0, at most 1. */
  readonly pValue: number
  /** From 0 to 1, 0.5 at the threshold. */
  readonly normalizedScore: number
}

/**
 * Decides whether an image score is anomalous, with its p-value and its normalised score.
 * @throws NUMERICAL for a score or a calibration value that is not finite: a part that could not be scored is not good
 * @example
 * ```ts
 * import { verdict, type Calibration } from '@tab/adapters'
 *
 * const rates = { falsePositiveRate: 0.25, guaranteedRate: 0.25, pixelFalsePositiveRate: 0.25 }
 * const calibration: Calibration = { method: 'held-out', ...rates, threshold: 3, pixelThreshold: 3, scores: Float64Array.of(1, 2, 3) }
 * console.log(verdict(calibration, 3)) // { anomalous: false, pValue: 0.5, normalizedScore: 0.5 }
 * console.log(verdict(calibration, 4).anomalous) // true
 * ```
 */
export function verdict(calibration: Calibration, score: number): Verdict {
  const { threshold } = checked('verdict', calibration, score)
  return {
    anomalous: score > threshold,
    pValue: pValueOf(calibration.scores, score),
    normalizedScore: normalizedScoreOf(calibration, score),
  }
}

/**
 * Conformal p-value (1 + #{calibration scores >= score}) / (n + 1): a good part gets p or less with a probability of at most p. It
 * cannot be below 1 / (n + 1), whatever the score.
 * @throws NUMERICAL as {@link verdict} does
 * @example
 * ```ts
 * import { pValue, type Calibration } from '@tab/adapters'
 *
 * const rates = { falsePositiveRate: 0.25, guaranteedRate: 0.25, pixelFalsePositiveRate: 0.25 }
 * const calibration: Calibration = { method: 'held-out', ...rates, threshold: 3, pixelThreshold: 3, scores: Float64Array.of(1, 2, 3) }
 * console.log(pValue(calibration, 2.5), pValue(calibration, 99)) // 0.5 0.25
 * ```
 */
export function pValue(calibration: Calibration, score: number): number {
  return pValueOf(checked('pValue', calibration, score).scores, score)
}

/**
 * Conformal p-value of a region: (1 + #{good images with a map value >= its peak}) / (n + 1). A good image has a region with p or less with a
 * probability of at most p. It is null for a calibration without `peaks`, from a file of an earlier version.
 * @param peak highest map value of the region
 * @throws NUMERICAL for a peak that is not finite
 * @example
 * ```ts
 * import { peakPValue, type Calibration } from '@tab/adapters'
 *
 * const rates = { falsePositiveRate: 0.25, guaranteedRate: 0.25, pixelFalsePositiveRate: 0.25 }
 * const values = { threshold: 3, pixelThreshold: 3, scores: Float64Array.of(1, 2, 3), peaks: Float64Array.of(4, 5, 6) }
 * const calibration: Calibration = { method: 'held-out', ...rates, ...values }
 * console.log(peakPValue(calibration, 5.5), peakPValue(calibration, 99)) // 0.5 0.25
 * ```
 */
export function peakPValue(calibration: Calibration, peak: number): number | null {
  const { peaks } = checked('peakPValue', calibration, peak)
  return peaks ? pValueOf(peaks, peak) : null
}

/**
 * A score on a scale that does not depend on the detector: 1 / (1 + 9^(1 - x)), with x = 0 at the median of the good images and x = 1 at
 * the threshold. So it is 0.1 for a typical good part, 0.5 at the threshold, and approaches 1 beyond. It is computed from the score,
 * not from the p-value, as all p-values beyond the worst good image are equal. It is a step where the threshold is not above the
 * median: when all scores are equal, or the rate is 0.5 or more.
 * @throws NUMERICAL as {@link verdict} does
 * @example
 * ```ts
 * import { normalizedScore, type Calibration } from '@tab/adapters'
 *
 * const rates = { falsePositiveRate: 0.25, guaranteedRate: 0.25, pixelFalsePositiveRate: 0.25 }
 * const calibration: Calibration = { method: 'held-out', ...rates, threshold: 3, pixelThreshold: 3, scores: Float64Array.of(1, 2, 3) }
 * console.log([2, 3, 4].map((score) => normalizedScore(calibration, score).toFixed(1))) // [ '0.1', '0.5', '0.9' ]
 * ```
 */
export function normalizedScore(calibration: Calibration, score: number): number {
  return normalizedScoreOf(checked('normalizedScore', calibration, score), score)
}

/** NaN is above nothing, and null, which JSON writes for NaN, counts as 0: either would pass as good. */
function checked(where: string, calibration: Calibration, score: number): Calibration {
  const { threshold, scores } = calibration
  const refuse = (name: string, value: unknown): never => {
    const actual = typeof value === 'string' ? JSON.stringify(value) : String(value)
    throw new TabError('NUMERICAL', { where, expected: `${name} must be a finite number`, actual })
  }
  if (!Number.isFinite(score)) refuse('score', score)
  if (!Number.isFinite(threshold)) refuse('calibration.threshold', threshold)
  if (!(scores?.length > 0)) {
    const actual = scores ? 'none' : String(scores)
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'calibration.scores of good images', actual })
  }
  for (let i = 0; i < scores.length; i++) if (!Number.isFinite(scores[i])) refuse(`calibration.scores[${i}]`, scores[i])
  return calibration
}

/** @param scores ascending */
function pValueOf(scores: Float64Array, score: number): number {
  let [low, high] = [0, scores.length] // the first index whose score is at least `score` is between them
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((scores[middle] as number) < score) low = middle + 1
    else high = middle
  }
  return (1 + scores.length - low) / (scores.length + 1)
}

function normalizedScoreOf({ scores, threshold }: Calibration, score: number): number {
  const middle = (scores.length - 1) / 2
  const median = ((scores[Math.floor(middle)] as number) + (scores[Math.ceil(middle)] as number)) / 2
  const span = threshold - median
  if (span > 0) return 1 / (1 + 9 ** ((threshold - score) / span))
  return score === threshold ? 0.5 : score > threshold ? 1 : 0
}
