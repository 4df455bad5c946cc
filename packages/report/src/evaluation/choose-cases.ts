import type { ScoredSet } from '@tab/pipeline/results'

/**
 * Chooses the test images to look at when there are too many to show: half of them the worst mistakes of every run, its
 * defective images with the lowest scores and its good ones with the highest, the others spread evenly over the scores of
 * the first run.
 * @param runs of the same images in the same order
 * @returns places in the scored sets, from the highest score of the first run down; all when `limit` or fewer
 */
export function chooseCases(runs: readonly Pick<ScoredSet, 'scores' | 'defects'>[], limit: number): number[] {
  const rankings = runs.map(({ scores }) => descending(scores))
  const ranked = rankings[0] ?? []
  if (ranked.length <= limit) return ranked

  const chosen = new Set<number>()
  const mistakes = runs.flatMap(({ defects }, run) => {
    const ranking = rankings[run] as number[]
    const isGood = (index: number): boolean => defects[index] === 'good'
    return [ranking.filter((index) => !isGood(index)).reverse(), ranking.filter(isGood)]
  })
  for (let depth = 0; depth < ranked.length; depth++) {
    for (const order of mistakes) {
      const index = order[depth]
      if (index !== undefined && chosen.size < Math.floor(limit / 2)) chosen.add(index)
    }
  }
  const rest = ranked.filter((index) => !chosen.has(index))
  const room = limit - chosen.size
  for (let place = 0; place < room; place++) {
    chosen.add(rest[Math.floor(((place + 0.5) * rest.length) / room)] as number)
  }
  return ranked.filter((index) => chosen.has(index))
}

function descending(scores: ArrayLike<number>): number[] {
  const places = Array.from(scores, (_, index) => index)
  return places.sort((left, right) => (scores[right] as number) - (scores[left] as number) || left - right)
}
