import { assertBothClasses, splitByClass, type FloatArray, type Labels, type Scores } from '../inputs.ts'
import { floatBelow } from './float-below.ts'
import { sortScores } from './sort-scores.ts'

/** Class sizes, and the counts of samples called anomalous, step by step as the threshold falls; ties are one step. */
export interface RankingSteps {
  readonly positives: number
  readonly negatives: number
  walk(visit: (truePositives: number, falsePositives: number) => void): void
}

/** Steps over all distinct scores, with the thresholds that lead to them. */
export interface ThresholdSteps extends RankingSteps {
  /** The threshold at which nothing is called anomalous: the highest score. */
  readonly highest: number
  /**
   * Visits each distinct score once, from the highest down, with the counts of scores at or above it and the threshold that gives
   * these counts: the highest score still called good, which is the next lower one; for the last step, a float below all scores.
   * Scores **above** a threshold are anomalous, in every package.
   */
  walk(visit: (truePositives: number, falsePositives: number, threshold: number) => void): void
}

/** @throws as {@link splitByClass} and {@link assertBothClasses} */
export function thresholdSteps(where: string, scores: Scores, labels: Labels): ThresholdSteps {
  const { normal, anomalous } = splitByClass(where, scores, labels)
  assertBothClasses(where, normal.length, anomalous.length)
  return stepsOfSorted(sortScores(normal), sortScores(anomalous))
}

/** @param normal,anomalous in ascending order, not both empty */
export function stepsOfSorted(normal: FloatArray, anomalous: FloatArray): ThresholdSteps {
  return {
    positives: anomalous.length,
    negatives: normal.length,
    highest: Math.max(normal.at(-1) ?? -Infinity, anomalous.at(-1) ?? -Infinity),
    walk(visit) {
      let [n, p] = [normal.length - 1, anomalous.length - 1]
      let highestNormal = n >= 0 ? (normal[n] as number) : -Infinity
      let highestAnomalous = p >= 0 ? (anomalous[p] as number) : -Infinity
      let score = highestNormal > highestAnomalous ? highestNormal : highestAnomalous
      while (n >= 0 || p >= 0) {
        while (highestNormal === score) highestNormal = --n >= 0 ? (normal[n] as number) : -Infinity
        while (highestAnomalous === score) highestAnomalous = --p >= 0 ? (anomalous[p] as number) : -Infinity
        const next = highestNormal > highestAnomalous ? highestNormal : highestAnomalous
        visit(anomalous.length - 1 - p, normal.length - 1 - n, n >= 0 || p >= 0 ? next : floatBelow(score))
        score = next
      }
    },
  }
}
