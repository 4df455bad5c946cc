import type { Labels, Scores } from '../inputs.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import { thresholdSteps, type ThresholdSteps } from './threshold-steps.ts'

/** The threshold with the highest F1, and what it achieves. */
export interface BestF1 {
  readonly f1: number
  /** Samples above it are called anomalous: the highest threshold with this F1, which is also the highest score still called good. */
  readonly threshold: number
  readonly precision: number
  readonly recall: number
}

/**
 * The highest F1 over all thresholds. The threshold is chosen on the labels it is judged by, so this F1 is what a detector could
 * reach, not what a threshold in production will; take production thresholds from normal images.
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { f1Max } from '@tab/metrics'
 *
 * const { f1, threshold, recall } = f1Max([0.1, 0.2, 0.3, 0.9], [0, 0, 1, 1])
 * console.log(f1, threshold, recall) // 1 0.2 1
 * ```
 */
export function f1Max(scores: Scores, labels: Labels): BestF1 {
  return f1MaxOf(thresholdSteps('f1Max', scores, labels))
}

/**
 * {@link f1Max} of scores that arrive in batches, bit for bit the same.
 * @example
 * ```ts
 * import { createF1Max } from '@tab/metrics'
 *
 * const stream = createF1Max()
 * stream.update([0.1, 0.9], [0, 1])
 * stream.update([0.2, 0.3], [0, 1])
 * console.log(stream.compute().threshold) // 0.2
 * ```
 */
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
