import { checkNumber, TabError } from '@tab/core'

const ROUNDING = 1e-9 // so that 100 * 0.29 counts as 29

/** A rank among calibration scores, and the rate it guarantees. */
export interface ConformalRank {
  /** Counted from 1: the threshold is the rank-th smallest calibration score. */
  readonly rank: number
  /** The false positive rate of this rank, at most the requested one. */
  readonly rate: number
}

/**
 * Rank of the threshold that a new, exchangeable score exceeds with a probability of at most `falsePositiveRate`: the
 * ceil((n + 1)(1 - rate))-th smallest of n scores (Vovk et al. 2005; Papadopoulos et al. 2002, split conformal prediction).
 * @param count n, number of calibration scores
 * @throws INVALID_ARGUMENT for a rate outside (0, 1), or one below 1 / (n + 1), saying how many images the rate takes
 */
export function conformalRank(
  where: string,
  count: number,
  falsePositiveRate: number,
  option = 'falsePositiveRate',
): ConformalRank {
  checkNumber(where, option, falsePositiveRate, { above: 0, below: 1 })
  checkNumber(where, 'the number of good images', count, { integer: true, minimum: 0 })
  const exceeding = Math.floor((count + 1) * falsePositiveRate + ROUNDING)
  if (exceeding < 1) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `at least ${imagesNeeded(falsePositiveRate)} good images for ${option} ${falsePositiveRate}`,
      actual: `${count}, which support ${count > 0 ? `rates from ${Number((1 / (count + 1)).toPrecision(3))}` : 'none'}`,
    })
  }
  return { rank: count + 1 - exceeding, rate: exceeding / (count + 1) }
}

/**
 * The fewest calibration images that support a false positive rate: 1 / rate - 1.
 * @throws INVALID_ARGUMENT for a rate outside (0, 1)
 * @example
 * ```ts
 * import { imagesNeeded } from '@tab/adapters'
 *
 * console.log(imagesNeeded(0.1), imagesNeeded(0.05), imagesNeeded(0.01)) // 9 19 99
 * ```
 */
export function imagesNeeded(falsePositiveRate: number): number {
  checkNumber('imagesNeeded', 'falsePositiveRate', falsePositiveRate, { above: 0, below: 1 })
  return Math.ceil(1 / falsePositiveRate - 1 - ROUNDING)
}
