import { TabError } from '@tab/core'
import type { Calibration } from './calibration.ts'

/** What a calibration says of one image. */
export interface Verdict {
  /** Whether the score is above the threshold; the same as `pValue <= falsePositiveRate`. */
  readonly anomalous: boolean
  /** Of "this part is good": above 0, up to 1. */
  readonly pValue: number
  /** From 0 to 1, 0.5 at the threshold. */
  readonly normalizedScore: number
}

/**
 * The decision on an image score, its p-value and its normalised score.
 * @throws NUMERICAL for a score or a number of the calibration that is not finite: what could not be scored is not good
 */
export function verdict(calibration: Calibration, score: number): Verdict {
  const { threshold } = checked('verdict', calibration, score)
  return {
    anomalous: score > threshold,
    pValue: pValueOf(calibration, score),
    normalizedScore: normalizedScoreOf(calibration, score),
  }
}

/**
 * Conformal p-value (1 + #{calibration scores >= score}) / (n + 1): a good part gets p or less with a probability of at most p.
 * It cannot fall below 1 / (n + 1), whatever the score.
 * @throws NUMERICAL as {@link verdict}
 */
export function pValue(calibration: Calibration, score: number): number {
  return pValueOf(checked('pValue', calibration, score), score)
}

/**
 * A score on a scale that does not depend on the detector: 1 / (1 + 9^(1 - x)) with x = 0 at the median of the good images and
 * x = 1 at the threshold, so 0.1 for an ordinary good part, 0.5 at the threshold, towards 1 beyond. Made from the score and not
 * from the p-value, as all p-values beyond the worst good image are alike. A step where
 * the threshold is not above the median: all scores are equal, or the rate is 0.5 or more.
 * @throws NUMERICAL as {@link verdict}
 */
export function normalizedScore(calibration: Calibration, score: number): number {
  return normalizedScoreOf(checked('normalizedScore', calibration, score), score)
}

/** NaN is above nothing, and null, as JSON has it, is 0: either would pass for good. */
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

function pValueOf({ scores }: Calibration, score: number): number {
  let [low, high] = [0, scores.length] // the first index whose score is at least `score` lies between
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
