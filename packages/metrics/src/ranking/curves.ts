import type { Labels, Scores } from '../inputs.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import { thresholdSteps, type ThresholdSteps } from './threshold-steps.ts'

/** A point per distinct score, from the highest threshold down, after the point where nothing is called anomalous. */
export interface RocCurve {
  readonly falsePositiveRates: Float64Array
  readonly truePositiveRates: Float64Array
  /** Scores above one give its point: the distinct scores in descending order, and a float below them all. */
  readonly thresholds: Float64Array
}

/**
 * The ROC curve over all distinct scores, (0, 0) and (1, 1) included.
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function rocCurve(scores: Scores, labels: Labels): RocCurve {
  return rocCurveOf(thresholdSteps('rocCurve', scores, labels))
}

/** {@link rocCurve} of batches, to the bit. */
export function createRocCurve(): RankingStream<RocCurve> {
  return rankingStream('createRocCurve', rocCurveOf)
}

function rocCurveOf(steps: ThresholdSteps): RocCurve {
  const points = countSteps(steps) + 1
  const [falsePositiveRates, truePositiveRates] = [new Float64Array(points), new Float64Array(points)]
  const thresholds = new Float64Array(points).fill(steps.highest)
  let point = 0
  steps.walk((truePositives, falsePositives, threshold) => {
    point++
    thresholds[point] = threshold
    falsePositiveRates[point] = falsePositives / steps.negatives
    truePositiveRates[point] = truePositives / steps.positives
  })
  return { falsePositiveRates, truePositiveRates, thresholds }
}

/** A point per distinct score, from the highest threshold down. */
export interface PrecisionRecallCurve {
  readonly precisions: Float64Array
  readonly recalls: Float64Array
  /** Scores above one give its point: the distinct scores but the highest, in descending order, and a float below them all. */
  readonly thresholds: Float64Array
}

/**
 * Precision and recall over all distinct scores. No point is invented for recall 0, where precision is undefined.
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function precisionRecallCurve(scores: Scores, labels: Labels): PrecisionRecallCurve {
  return precisionRecallCurveOf(thresholdSteps('precisionRecallCurve', scores, labels))
}

/** {@link precisionRecallCurve} of batches, to the bit. */
export function createPrecisionRecallCurve(): RankingStream<PrecisionRecallCurve> {
  return rankingStream('createPrecisionRecallCurve', precisionRecallCurveOf)
}

function precisionRecallCurveOf(steps: ThresholdSteps): PrecisionRecallCurve {
  const points = countSteps(steps)
  const [precisions, recalls] = [new Float64Array(points), new Float64Array(points)]
  const thresholds = new Float64Array(points)
  let point = 0
  steps.walk((truePositives, falsePositives, threshold) => {
    thresholds[point] = threshold
    precisions[point] = truePositives / (truePositives + falsePositives)
    recalls[point] = truePositives / steps.positives
    point++
  })
  return { precisions, recalls, thresholds }
}

function countSteps({ walk }: ThresholdSteps): number {
  let count = 0
  walk(() => count++)
  return count
}
