import { TabError } from '@tab/core'
import type { ParityCertificate, ParityImage } from './parity-certificate.ts'

/** How scores here agree with those at the fit. */
export interface Parity {
  /** Pictures that were compared. */
  readonly images: number
  /** Largest difference that was found, as a share of the highest score or map value. */
  readonly difference: number
  /** Largest that is allowed. */
  readonly tolerance: number
}

/**
 * Compares what a detector says here with what it said at its fit.
 * @throws INCOMPATIBLE where a score or a block of a map differs by more than the tolerance
 */
export function compareParity(
  where: string,
  { images: wanted, tolerance }: ParityCertificate,
  found: readonly ParityImage[],
): Parity {
  const scales = {
    score: highest(wanted.map(({ score }) => score)),
    map: highest(wanted.flatMap(({ map }) => map)),
  }
  let difference = 0
  const compare = (what: string, scale: number, expected: number, actual: number | undefined): void => {
    const apart = expected === actual ? 0 : Math.abs(expected - (actual ?? NaN)) / scale
    difference = Math.max(difference, apart)
    if (apart <= tolerance) return
    throw new TabError('INCOMPATIBLE', {
      where,
      expected: `${what} as at the fit, ${expected} to ${100 * tolerance} % of ${scale}`,
      actual: `${actual}: this machine or engine computes other scores`,
    })
  }
  wanted.forEach(({ score, map }, index) => {
    const name = `of picture ${index + 1}`
    compare(`the score ${name}`, scales.score, score, found[index]?.score)
    map.forEach((mean, block) => {
      compare(`block ${block + 1} of the map ${name}`, scales.map, mean, found[index]?.map[block])
    })
  })
  return { images: wanted.length, difference, tolerance }
}

function highest(values: readonly number[]): number {
  return Math.max(...values.map(Math.abs))
}
