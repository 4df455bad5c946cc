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

const TAIL_FREEDOM = 20 // of the logarithms of good images' scores
const SCALE_FREEDOM = 0.8 // a value, of what Qn tells; its efficiency is 0.82

/** Fewest scores that {@link findSuspects} judges. */
export const SUSPECTS_NEED = 5

/**
 * Which of a set of good images are probably not good. The assumption: the logarithms of good images' scores are distributed
 * symmetrically, with tails like those of Student's t with 20 degrees of freedom, a little heavier than a normal distribution's. Their
 * median and the robust scale Qn, which suspects move little, make a score a number of deviations; as the scale comes from n values, its
 * tail probability is taken from a t with fewer degrees of freedom, v, 1 / v = 1 / 20 + 1 / (0.8 (n - 1)), and corrected for the highest of n
 * (Sidak). Under the assumption good images alone have any suspect with a probability of at most `errorRate`. What is found is taken
 * out and the rest judged again, until nothing is found. Heavier tails, as parts of several kinds or a backbone of random weights
 * have, list more: a suspect is to be looked at. Nothing is found of defects that half of the images share, or that the detector does not
 * tell from a good part.
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
