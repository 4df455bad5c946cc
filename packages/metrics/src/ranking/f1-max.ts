import type { Labels, Scores } from '../inputs.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import { thresholdSteps, type ThresholdSteps } from './threshold-steps.ts'

/** The threshold with the highest F1 and what it gives. */
export interface BestF1 {
  readonly f1: number
  /** Samples above it are called anomalous. The highest that gives this F1, and the highest value still called good. */
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
  return f1MaxOf(thresholdSteps('f1Max', scores, labels))
}

/** {@link f1Max} of batches, to the bit. */
export function createF1Max(): RankingStream<BestF1> {
  return rankingStream('createF1Max', f1MaxOf)
}

export function f1MaxOf({ positives, walk }: ThresholdSteps): BestF1 {
  let [f1, threshold, truePositives, called] = [-1, NaN, 0, 1]
  walk((hits, falseAlarms, at) => {
    const next = (2 * hits) / (hits + falseAlarms + positives)
    if (next <= f1) return
    ;[f1, threshold, truePositives, called] = [next, at, hits, hits + falseAlarms]
  })
  return { f1, threshold, precision: truePositives / called, recall: truePositives / positives }
}
