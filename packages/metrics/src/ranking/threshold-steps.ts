import { assertBothClasses, splitByClass, type FloatArray, type Labels, type Scores } from '../inputs.ts'
import { sortScores } from './sort-scores.ts'

/** Called once a distinct score, from the highest down, with the counts of what is called anomalous from it on. */
export type VisitStep = (threshold: number, truePositives: number, falsePositives: number) => void

/** Class sizes and the steps of the threshold over all distinct scores; ties are one step. */
export interface ThresholdSteps {
  readonly positives: number
  readonly negatives: number
  walk(visit: VisitStep): void
}

/** @throws as {@link splitByClass} and {@link assertBothClasses} */
export function thresholdSteps(where: string, scores: Scores, labels: Labels): ThresholdSteps {
  const { normal, anomalous } = splitByClass(where, scores, labels)
  assertBothClasses(where, normal.length, anomalous.length)
  return stepsOfSorted(sortScores(normal), sortScores(anomalous))
}

/** @param normal,anomalous in ascending order */
export function stepsOfSorted(normal: FloatArray, anomalous: FloatArray): ThresholdSteps {
  return {
    positives: anomalous.length,
    negatives: normal.length,
    walk(visit) {
      let [n, p] = [normal.length - 1, anomalous.length - 1]
      let highestNormal = n >= 0 ? (normal[n] as number) : -Infinity
      let highestAnomalous = p >= 0 ? (anomalous[p] as number) : -Infinity
      while (n >= 0 || p >= 0) {
        const threshold = highestNormal > highestAnomalous ? highestNormal : highestAnomalous
        while (highestNormal === threshold) highestNormal = --n >= 0 ? (normal[n] as number) : -Infinity
        while (highestAnomalous === threshold) highestAnomalous = --p >= 0 ? (anomalous[p] as number) : -Infinity
        visit(threshold, anomalous.length - 1 - p, normal.length - 1 - n)
      }
    },
  }
}
