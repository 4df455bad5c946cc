import type { Labels, Scores } from './inputs.ts'
import { scoreSteps } from './score-steps.ts'

/** A point a distinct score, from the highest threshold down, behind the point where nothing is called anomalous. */
export interface RocCurve {
  readonly falsePositiveRates: Float64Array
  readonly truePositiveRates: Float64Array
  /** Infinity for the first point. */
  readonly thresholds: Float64Array
}

/**
 * The ROC curve over all distinct scores, (0, 0) and (1, 1) included.
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function rocCurve(scores: Scores, labels: Labels): RocCurve {
  const { positives, negatives, steps } = scoreSteps('rocCurve', scores, labels)
  const points = [...steps]
  return {
    falsePositiveRates: Float64Array.from([0, ...points.map((step) => step.falsePositives / negatives)]),
    truePositiveRates: Float64Array.from([0, ...points.map((step) => step.truePositives / positives)]),
    thresholds: Float64Array.from([Infinity, ...points.map((step) => step.threshold)]),
  }
}

/** A point a distinct score, from the highest threshold down. */
export interface PrecisionRecallCurve {
  readonly precisions: Float64Array
  readonly recalls: Float64Array
  readonly thresholds: Float64Array
}

/**
 * Precision and recall over all distinct scores. No point is invented for recall 0, where precision is undefined.
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function precisionRecallCurve(scores: Scores, labels: Labels): PrecisionRecallCurve {
  const { positives, steps } = scoreSteps('precisionRecallCurve', scores, labels)
  const points = [...steps]
  return {
    precisions: Float64Array.from(points, (step) => step.truePositives / (step.truePositives + step.falsePositives)),
    recalls: Float64Array.from(points, (step) => step.truePositives / positives),
    thresholds: Float64Array.from(points, (step) => step.threshold),
  }
}
