import type { Labels, Scores } from './inputs.ts'
import { scoreSteps } from './score-steps.ts'

/**
 * Average precision: the sum over thresholds of precision times the gain in recall. Step-wise, as scikit-learn's
 * `average_precision_score`; joining the points by lines would credit a constant detector with precision it never has.
 * @param scores higher is more anomalous
 * @param labels 0 normal, 1 anomalous
 * @returns in (0, 1]; the share of anomalous samples for a constant detector
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function averagePrecision(scores: Scores, labels: Labels): number {
  const { positives, steps } = scoreSteps('averagePrecision', scores, labels)
  let [found, sum] = [0, 0]
  for (const { truePositives, falsePositives } of steps) {
    sum += ((truePositives - found) * truePositives) / (truePositives + falsePositives)
    found = truePositives
  }
  return sum / positives
}
