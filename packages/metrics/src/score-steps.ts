import { splitByClass, type Labels, type Scores } from './inputs.ts'
import { sortScores } from './sort-scores.ts'

/** State of a detector that calls everything from `threshold` on anomalous. */
export interface ScoreStep {
  readonly threshold: number
  readonly truePositives: number
  readonly falsePositives: number
}

/** Class sizes and the steps of the threshold over all distinct scores, from the highest down; ties are one step. */
export interface ScoreSteps {
  readonly positives: number
  readonly negatives: number
  readonly steps: Iterable<ScoreStep>
}

/** @throws as {@link splitByClass} */
export function scoreSteps(where: string, scores: Scores, labels: Labels): ScoreSteps {
  const { normal, anomalous } = splitByClass(where, scores, labels)
  const negatives = sortScores(normal)
  const positives = sortScores(anomalous)
  function* descend(): Generator<ScoreStep> {
    let [n, p] = [negatives.length - 1, positives.length - 1]
    while (n >= 0 || p >= 0) {
      const threshold = Math.max(
        n >= 0 ? (negatives[n] as number) : -Infinity,
        p >= 0 ? (positives[p] as number) : -Infinity,
      )
      while (n >= 0 && negatives[n] === threshold) n--
      while (p >= 0 && positives[p] === threshold) p--
      yield { threshold, truePositives: positives.length - 1 - p, falsePositives: negatives.length - 1 - n }
    }
  }
  return { positives: positives.length, negatives: negatives.length, steps: { [Symbol.iterator]: descend } }
}
