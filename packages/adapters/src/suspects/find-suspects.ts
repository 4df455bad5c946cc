import { checkNumber, TabError } from '@tab/core'
import { robustScale } from './robust-scale.ts'
import { studentTail } from './student-tail.ts'

export interface FindSuspectsOptions {
  /** Probability that any image is listed when all are good, between 0 and 1. Default 0.05. */
  readonly errorRate?: number
}

/** A photograph among the good ones that looks unlike the others. */
export interface Suspect {
  /** Its index among the scores. */
  readonly index: number
  readonly score: number
  /** Probability that the highest score among as many good images is this high; at most `errorRate`. */
  readonly pValue: number
}

const TAIL_FREEDOM = 20 // degrees of freedom of the logarithms of good images' scores
const SCALE_FREEDOM = 0.8 // degrees of freedom per value of the scale Qn, whose efficiency is 0.82

/** Fewest scores that {@link findSuspects} accepts. */
export const SUSPECTS_NEED = 5

/**
 * Finds the images in a set of good ones that are probably not good. It assumes that the logarithms of good images' scores are
 * symmetrically distributed, with tails like those of Student's t with 20 degrees of freedom, a little heavier than normal. Their
 * median and the robust scale Qn, which suspects hardly move, turn a score into a number of deviations. As the scale is estimated from
 * n values, the tail probability comes from a t with fewer degrees of freedom v, 1 / v = 1 / 20 + 1 / (0.8 (n - 1)), and is corrected
 * for being the highest of n (Sidak). Under this assumption, good images alone contain a suspect with a probability of at most
 * `errorRate`. Suspects are removed and the rest tested again, until none is found. Heavier tails, as with several kinds of parts or a
 * backbone of random weights, list more images: look at each suspect. Defects that half of the images share, or that the detector does
 * not distinguish from good parts, are not found.
 * @param scores 5 or more, each by a detector that was not fitted on the image (`scoreUnseen`)
 * @returns suspects, the highest score first
 * @throws INVALID_ARGUMENT for fewer scores, scores that are not finite, or an error rate out of range
 * @example
 * ```ts
 * import { findSuspects } from '@tab/adapters'
 *
 * const suspects = findSuspects([1.1, 0.9, 1.0, 1.05, 0.95, 1.02, 9.5, 0.98])
 * console.log(suspects.map(({ index, score }) => `${index}: ${score}`)) // [ '6: 9.5' ]
 * ```
 */
export function findSuspects(
  scores: ArrayLike<number>,
  { errorRate = 0.05 }: FindSuspectsOptions = {},
): readonly Suspect[] {
  const where = 'findSuspects'
  checkNumber(where, 'errorRate', errorRate, { above: 0, below: 1 })
  if (!(scores.length >= SUSPECTS_NEED)) {
    const actual = String(scores.length)
    throw new TabError('INVALID_ARGUMENT', { where, expected: `at least ${SUSPECTS_NEED} scores`, actual })
  }
  const values = Array.from(scores, (score) => checkNumber(where, 'each score', score))
  const scale = logarithmic(values)
  const order = values.map((score, index) => ({ index, score, value: scale(score) }))
  order.sort((left, right) => left.value - right.value || left.index - right.index)
  const suspects: Suspect[] = []
  while (order.length >= SUSPECTS_NEED) {
    const pValueOf = correctedPValue(Float64Array.from(order, ({ value }) => value))
    const found: Suspect[] = []
    // The values are ascending, so suspects are at the end.
    for (let last = order.at(-1); last; last = order.at(-1)) {
      const pValue = pValueOf(last.value)
      if (pValue > errorRate) break
      found.push({ index: last.index, score: last.score, pValue })
      order.pop()
    }
    if (found.length === 0) break
    suspects.push(...found)
  }
  return suspects
}

/** Logarithms, clipped far below the median, as a copy of another image scores 0; the values themselves where any is negative. */
function logarithmic(scores: readonly number[]): (score: number) => number {
  const middle = median(Float64Array.from(scores).sort())
  if (middle <= 0 || scores.some((score) => score < 0)) return (score) => score
  return (score) => Math.log(Math.max(score / middle, 1e-3))
}

/** The p-value of a value among good ones, corrected for being the highest. */
function correctedPValue(ascending: Float64Array): (value: number) => number {
  const count = ascending.length
  const middle = median(ascending)
  const deviation = robustScale(ascending) || standardDeviation(ascending)
  const freedom = 1 / (1 / TAIL_FREEDOM + 1 / (SCALE_FREEDOM * (count - 1)))
  return (value) => {
    if (!(value > middle)) return 1
    const single = studentTail((value - middle) / deviation, freedom)
    return -Math.expm1(count * Math.log1p(-single))
  }
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

function median(ascending: Float64Array): number {
  const middle = (ascending.length - 1) / 2
  return ((ascending[Math.floor(middle)] as number) + (ascending[Math.ceil(middle)] as number)) / 2
}
