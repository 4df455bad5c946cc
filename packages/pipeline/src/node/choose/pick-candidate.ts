/** What a choice looks at. */
export interface Contender {
  /** Higher is better; the first counts most, and those after it among what the first cannot tell apart. The same number for all. */
  readonly qualities: readonly number[]
  readonly milliseconds: number
  readonly megabytes: number
}

export interface ChoiceLimits {
  readonly milliseconds: number | null
  readonly megabytes: number | null
}

/** The outcome of a choice, by the contenders themselves. */
export interface Picked<C extends Contender> {
  /** Undefined where nothing is within the limits. */
  readonly chosen: C | undefined
  /** Within the limits, and no worse than the best by what can be told. */
  readonly tied: readonly C[]
  /** What comes nearest to the limits, where nothing is within them. */
  readonly nearest: C | undefined
}

const SAME_COST = 1.25 // times differ by so much from run to run on a machine that does other work too

/** How far over the limits something is: 1 and below is within them. */
export function excessOf(
  { milliseconds, megabytes }: Pick<Contender, 'milliseconds' | 'megabytes'>,
  limits: ChoiceLimits,
): number {
  return Math.max(milliseconds / (limits.milliseconds ?? Infinity), megabytes / (limits.megabytes ?? Infinity))
}

/**
 * Picks the best within the limits; of those that are no worse than it, the fastest; of those that take no more than a quarter longer, the
 * best again, and the smallest of equal ones.
 * @param isTie whether nothing can be told between the best and another by the quality with this number
 */
export async function pickCandidate<C extends Contender>(
  contenders: readonly C[],
  limits: ChoiceLimits,
  isTie: (best: C, other: C, quality: number) => Promise<boolean>,
): Promise<Picked<C>> {
  let tied = contenders.filter((contender) => excessOf(contender, limits) <= 1)
  if (tied.length === 0) {
    const [nearest] = [...contenders].sort((left, right) => excessOf(left, limits) - excessOf(right, limits))
    return { chosen: undefined, tied, nearest }
  }
  const levels = (contenders[0] as C).qualities.map((_, level) => level)
  for (const level of levels) {
    const [best] = [...tied].sort((left, right) => qualityOf(right, level) - qualityOf(left, level)) as [C]
    const left: C[] = []
    for (const contender of tied) if (contender === best || (await isTie(best, contender, level))) left.push(contender)
    tied = left
  }
  const fastest = Math.min(...tied.map(({ milliseconds }) => milliseconds))
  const better = (left: C, right: C): number =>
    levels.map((level) => qualityOf(right, level) - qualityOf(left, level)).find((step) => step !== 0) ??
    left.megabytes - right.megabytes
  const [chosen] = tied.filter(({ milliseconds }) => milliseconds <= SAME_COST * fastest).sort(better)
  return { chosen, tied, nearest: undefined }
}

function qualityOf({ qualities }: Contender, level: number): number {
  return qualities[level] as number
}
