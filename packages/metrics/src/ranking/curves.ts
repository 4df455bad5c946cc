import type { Labels, Scores } from '../inputs.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import { thresholdSteps, type ThresholdSteps } from './threshold-steps.ts'

/** One point per distinct score, from the highest threshold down, after the point at which nothing is called anomalous. */
export interface RocCurve {
  readonly falsePositiveRates: Float64Array
  readonly truePositiveRates: Float64Array
  /** Calling the scores above a threshold anomalous gives its point: the distinct scores in descending order, then a float below all of them. */
  readonly thresholds: Float64Array
}

/**
 * The ROC curve over all distinct scores, including (0, 0) and (1, 1).
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { rocCurve } from '@tab/metrics'
 *
 * const { falsePositiveRates, truePositiveRates } = rocCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
 * console.log([...falsePositiveRates], [...truePositiveRates]) // [ 0, 0, 0.5, 0.5, 1 ] [ 0, 0.5, 0.5, 1, 1 ]
 * ```
 */
export function rocCurve(scores: Scores, labels: Labels): RocCurve {
  return rocCurveOf(thresholdSteps('rocCurve', scores, labels))
}

/**
 * {@link rocCurve} of scores that arrive in batches, bit for bit the same.
 * @example
 * ```ts
 * import { createRocCurve } from '@tab/metrics'
 *
 * const stream = createRocCurve()
 * stream.update([0.1, 0.8], [0, 1])
 * stream.update([0.4, 0.35], [0, 1])
 * console.log([...stream.compute().thresholds.slice(0, 4)]) // [ 0.8, 0.4, 0.35, 0.1 ]
 * ```
 */
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

/** One point per distinct score, from the highest threshold down. */
export interface PrecisionRecallCurve {
  readonly precisions: Float64Array
  readonly recalls: Float64Array
  /** Calling the scores above a threshold anomalous gives its point: all distinct scores but the highest, in descending order, then a float below all of them. */
  readonly thresholds: Float64Array
}

/**
 * Precision and recall over all distinct scores. No point is invented for recall 0, where precision is undefined.
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { precisionRecallCurve } from '@tab/metrics'
 *
 * const { precisions, recalls } = precisionRecallCurve([0.1, 0.2, 0.8, 0.9], [0, 1, 0, 1])
 * console.log([...precisions], [...recalls]) // [ 1, 0.5, 0.6666666666666666, 0.5 ] [ 0.5, 0.5, 1, 1 ]
 * ```
 */
export function precisionRecallCurve(scores: Scores, labels: Labels): PrecisionRecallCurve {
  return precisionRecallCurveOf(thresholdSteps('precisionRecallCurve', scores, labels))
}

/**
 * {@link precisionRecallCurve} of scores that arrive in batches, bit for bit the same.
 * @example
 * ```ts
 * import { createPrecisionRecallCurve } from '@tab/metrics'
 *
 * const stream = createPrecisionRecallCurve()
 * stream.update([0.1, 0.2], [0, 1])
 * stream.update([0.8, 0.9], [0, 1])
 * console.log([...stream.compute().recalls]) // [ 0.5, 0.5, 1, 1 ]
 * ```
 */
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
