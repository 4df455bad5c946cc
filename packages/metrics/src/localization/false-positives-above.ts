import type { FloatArray } from '../inputs.ts'

/** Called for scores in descending order, with the number of normal pixels above the score and the number at or above it. */
export type VisitScore = (above: number, atOrAbove: number) => void

/**
 * Counts the normal pixels above each score of a group, until there are more than `limit`. Sorts the group in place.
 * @param normal in ascending order: all of them, or more than `limit` of the highest
 */
export function falsePositivesAbove(group: FloatArray, normal: FloatArray, limit: number, visit: VisitScore): void {
  group.sort()
  let end = normal.length // normal pixels from here on lie above the score
  for (let i = group.length - 1; i >= 0; i--) {
    const score = group[i] as number
    end = firstAbove(normal, score, end, true)
    const above = normal.length - end
    if (above > limit) return
    const tied = end > 0 && normal[end - 1] === score
    visit(above, tied ? normal.length - firstAbove(normal, score, end, false) : above)
  }
}

/** First index of `normal` whose value is above the score (or equals it, if not `strict`), found by galloping down from `end`. */
function firstAbove(normal: FloatArray, score: number, end: number, strict: boolean): number {
  const isAbove = (index: number): boolean =>
    strict ? (normal[index] as number) > score : (normal[index] as number) >= score
  let [low, high, step] = [end - 1, end, 1]
  while (low >= 0 && isAbove(low)) {
    high = low
    low -= step
    step *= 2
  }
  if (low < 0) low = -1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (isAbove(middle)) high = middle
    else low = middle
  }
  return high
}
