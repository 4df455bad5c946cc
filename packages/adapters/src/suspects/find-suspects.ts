import { checkNumber, TabError } from '@tab/core'
import { robustScale } from './robust-scale.ts'
import { studentTail } from './student-tail.ts'

export interface FindSuspectsOptions {
  /** Probability that anything is listed of good images alone, between 0 and 1. Default 0.05. */
  readonly errorRate?: number
}

/** A photograph among the good ones that looks like none of them. */
export interface Suspect {
  /** Its place among the scores. */
  readonly index: number
  readonly score: number
  /** Probability that as many good images hold one that scores as high: corrected for their number, at most `errorRate`. */
  readonly pValue: number
}

/** Fewest scores that {@link findSuspects} judges. */
export const SUSPECTS_NEED = 5

/**
 * Which of a set of good images are probably not good. The assumption: the logarithms of the good images' scores are
 * normally distributed. Their median and the robust scale Qn, which suspects move little, make a score a number of deviations, and
 * its tail probability is that of Student's t with 0.8 (n - 1) degrees of freedom, as the scale comes from n values; corrected for the
 * highest of n (Sidak). Under the assumption a good set has a suspect listed with a probability of 0.01 to 0.05 at the default rate
 * (n = 5 to 1000). What is found is taken out and the rest is judged again, until nothing is found. Scores whose logarithms have
 * heavier tails, as those of parts of several kinds, list more: a suspect is to be looked at. Nothing is found where more than
 * half are defective, or where the detector does not tell the defect from a good part.
 * @param scores 5 or more, of images by a detector that was not fitted on them (`scoreUnseen`)
 * @returns the highest score first
 * @throws INVALID_ARGUMENT for fewer scores, ones that are not finite, or an error rate out of range
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
    const pValueOf = judge(Float64Array.from(order, ({ value }) => value))
    const found: Suspect[] = []
    // Ascending, so that what is listed is a run at the end.
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

/** Logarithms, cut off far below the median, where a copy of another image scores 0; the values themselves where they may be negative. */
function logarithmic(scores: readonly number[]): (score: number) => number {
  const middle = median(Float64Array.from(scores).sort())
  if (middle <= 0 || scores.some((score) => score < 0)) return (score) => score
  return (score) => Math.log(Math.max(score / middle, 1e-3))
}

/** The corrected p-value of a value among good ones. */
function judge(ascending: Float64Array): (value: number) => number {
  const count = ascending.length
  const middle = median(ascending)
  const deviation = robustScale(ascending) || standardDeviation(ascending)
  return (value) => {
    if (!(value > middle)) return 1
    const single = studentTail((value - middle) / deviation, 0.8 * (count - 1))
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
