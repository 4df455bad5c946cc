import type { Labels, Scores } from './inputs.ts'
import { scoreSteps } from './score-steps.ts'

/** The threshold with the highest F1 and what it gives. */
export interface BestF1 {
  readonly f1: number
  /** A score: samples from it on are called anomalous. The highest among equals. */
  readonly threshold: number
  readonly precision: number
  readonly recall: number
}

/**
 * The highest F1 over all thresholds. It is chosen on the labels it is judged by, so it says what a detector could reach, not
 * what a threshold in use will; take thresholds for use from normal images.
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function f1Max(scores: Scores, labels: Labels): BestF1 {
  const { positives, steps } = scoreSteps('f1Max', scores, labels)
  let best: BestF1 = { f1: -1, threshold: NaN, precision: NaN, recall: NaN }
  for (const { threshold, truePositives, falsePositives } of steps) {
    const f1 = (2 * truePositives) / (truePositives + falsePositives + positives)
    if (f1 <= best.f1) continue
    const precision = truePositives / (truePositives + falsePositives)
    best = { f1, threshold, precision, recall: truePositives / positives }
  }
  return best
}
