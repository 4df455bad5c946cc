import { checkNumber, TabError } from '@tab/core'

/** Bins of equal width; scores outside the range go to the first or the last bin. */
export interface ScoreBins {
  readonly minimum: number
  readonly maximum: number
  /** Default 65536. */
  readonly count?: number
}

/** A value computed from binned scores; the exact one is at most `errorBound` away, whatever the scores were. */
export interface Binned {
  readonly value: number
  readonly errorBound: number
}

const WIDEST = 2 ** 24

/** @throws INVALID_ARGUMENT for a range that is empty or not finite, or a count that is not a whole number from 1 to 2^24 */
export function checkBins(where: string, { minimum, maximum, count = 65_536 }: ScoreBins): Required<ScoreBins> {
  checkNumber(where, 'bins.minimum', minimum)
  checkNumber(where, 'bins.maximum', maximum, { above: minimum })
  checkNumber(where, 'bins.count', count, { integer: true, minimum: 1, maximum: WIDEST })
  return { minimum, maximum, count }
}

/** The bin of a score. It never falls as the score rises, which is all that the error bounds need. */
export function binOf({ minimum, maximum, count }: Required<ScoreBins>, score: number): number {
  const bin = Math.floor(((score - minimum) / (maximum - minimum)) * count)
  return bin < 0 ? 0 : bin >= count ? count - 1 : bin
}

/** @throws INCOMPATIBLE when the bins differ */
export function assertSameBins(where: string, ours: Required<ScoreBins>, theirs: Required<ScoreBins>): void {
  const text = ({ minimum, maximum, count }: Required<ScoreBins>): string => `${count} from ${minimum} to ${maximum}`
  if (text(ours) === text(theirs)) return
  throw new TabError('INCOMPATIBLE', {
    where: `${where}.merge`,
    expected: `the state must have the same bins, ${text(ours)}`,
    actual: text(theirs),
  })
}
