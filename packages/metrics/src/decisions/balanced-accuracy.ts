import { assertBothClasses, type Labels, type Scores } from '../inputs.ts'
import { confusionAt, confusionStream, type Confusion, type ConfusionStream, type ScoredBatch } from './confusion.ts'

/**
 * Mean of the shares of anomalous and of normal samples that are classified correctly (Brodersen et al. 2010): 0.5 for a detector
 * that calls all samples the same, however rare anomalies are.
 * @param threshold samples above it are called anomalous
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { balancedAccuracy } from '@tab/metrics'
 *
 * console.log(balancedAccuracy([0.1, 0.6, 0.7, 0.9], [0, 0, 1, 1], 0.5)) // 0.75
 * ```
 */
export function balancedAccuracy(scores: Scores, labels: Labels, threshold: number): number {
  return ofCounts(confusionAt('balancedAccuracy', threshold, scores, labels), 'balancedAccuracy')
}

/**
 * {@link balancedAccuracy} of scores that arrive in batches.
 * @example
 * ```ts
 * import { createBalancedAccuracy } from '@tab/metrics'
 *
 * const stream = createBalancedAccuracy(0.5)
 * stream.update([0.1, 0.6], [0, 0])
 * stream.update([0.7, 0.9], [1, 1])
 * console.log(stream.compute()) // 0.75
 * ```
 */
export function createBalancedAccuracy(threshold: number): ConfusionStream<ScoredBatch, number> {
  return confusionStream('createBalancedAccuracy', threshold, confusionAt, ofCounts)
}

function ofCounts(counts: Confusion, where: string): number {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts
  const [normal, anomalous] = [trueNegatives + falsePositives, truePositives + falseNegatives]
  assertBothClasses(where, normal, anomalous)
  return (truePositives / anomalous + trueNegatives / normal) / 2
}
