import type { FoundDefects } from '../../results/choice.ts'

const FOUND_SHARE = 0.9

/** The score of a synthetic defect of a width in pixels of the photograph. */
export interface ScoredDefect {
  readonly width: number
  readonly score: number
}

/** How many of each width are found: those whose score is strictly above the threshold. By ascending width. */
export function foundByWidth(defects: readonly ScoredDefect[], threshold: number): FoundDefects[] {
  const widths = [...new Set(defects.map(({ width }) => width))].sort((left, right) => left - right)
  return widths.map((width) => {
    const scores = defects.filter((defect) => defect.width === width).map(({ score }) => score)
    return { width, found: scores.filter((score) => score > threshold).length, of: scores.length }
  })
}

/**
 * The narrowest width of which, as of every greater one, nine of ten defects or more are found; null where that does not hold of the widest.
 * @param found by ascending width
 */
export function smallestDefect(found: readonly FoundDefects[]): number | null {
  let smallest: number | null = null
  for (const { width, found: count, of } of [...found].reverse()) {
    if (count < FOUND_SHARE * of) break
    smallest = width
  }
  return smallest
}
