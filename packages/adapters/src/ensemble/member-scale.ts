import type { NormalScores } from '../thresholds/calibration.ts'

/** Brings the values of a member to the common scale: (value - zero) / unit. */
export interface Scale {
  readonly zero: number
  readonly unit: number
}

/** The scales of a member, measured on good images that it was not fitted on. */
export interface MemberScale {
  /** Median of the image scores, and 1.4826 times their median absolute deviation: a robust z value. */
  readonly score: Scale
  /** Typical pixel (median over images of the median of each map), and its distance to the typical peak (median of the maxima). */
  readonly map: Scale
}

const MAD_TO_SIGMA = 1.4826 // of a normal distribution

/** Measures a member's scales. Medians tolerate a few defective images among the good ones. */
export function memberScale({ scores, maps }: Pick<NormalScores, 'scores' | 'maps'>): MemberScale {
  const zero = median(scores)
  const typical = median(maps.map(median))
  const peak = median(maps.map((map) => map.reduce((most, value) => Math.max(most, value), -Infinity)))
  return {
    score: { zero, unit: unitOf(scores, zero) },
    map: { zero: typical, unit: peak > typical ? peak - typical : Math.abs(typical) || 1 },
  }
}

/** With few or equal scores the deviation can be 0; then it is the standard deviation, the size of the values, or 1. */
function unitOf(scores: readonly number[], zero: number): number {
  const deviation = MAD_TO_SIGMA * median(scores.map((score) => Math.abs(score - zero)))
  if (deviation > 0) return deviation
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length
  return Math.sqrt(variance) || Math.abs(zero) || 1
}

function median(values: readonly number[] | Float32Array): number {
  const sorted = Float64Array.from(values).sort()
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2
}
