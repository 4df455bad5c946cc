import { assertBothClasses, type Labels, type Scores } from '../inputs.ts'
import { confusionAt, confusionStream, type Confusion, type ConfusionStream, type ScoredBatch } from './confusion.ts'

/**
 * Mean of the shares of anomalous and of normal samples that are called what they are (Brodersen et al. 2010): 0.5 for a
 * detector that calls all samples the same, however rare anomalies are.
 * @param threshold samples above it are called anomalous
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function balancedAccuracy(scores: Scores, labels: Labels, threshold: number): number {
  return ofCounts(confusionAt('balancedAccuracy', threshold, scores, labels), 'balancedAccuracy')
}

/** {@link balancedAccuracy} of batches. */
export function createBalancedAccuracy(threshold: number): ConfusionStream<ScoredBatch, number> {
  return confusionStream('createBalancedAccuracy', threshold, confusionAt, ofCounts)
}

function ofCounts(counts: Confusion, where: string): number {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts
  const [normal, anomalous] = [trueNegatives + falsePositives, truePositives + falseNegatives]
  assertBothClasses(where, normal, anomalous)
  return (truePositives / anomalous + trueNegatives / normal) / 2
}
