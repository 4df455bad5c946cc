import type { Sample } from '@tab/data'
import type { DetectionTable, ProCurve } from '@tab/metrics'
import type { DecisionThreshold, EvaluationResults } from './evaluation-results.ts'

/** The scored test set: one entry an image in every field. */
export interface ScoredSet {
  readonly scores: Float32Array
  /** Time the detector took for each image. */
  readonly milliseconds: Float32Array
  /** Defect type of each image, `good` for normal ones. */
  readonly defects: readonly string[]
}

/** The scored test set, its metrics, and what the report draws from it. */
export interface Scoring {
  readonly set: ScoredSet
  /** In the order of the set. */
  readonly samples: readonly Sample[]
  readonly metrics: DetectionTable
  /** Of all images whose mask is known; undefined where it is not defined. */
  readonly proCurve: ProCurve | undefined
  /** A sample of the values of all maps. */
  readonly mapSample: Float32Array
  /** Defective images whose mask has no pixel left at this size. */
  readonly vanishedMasks: readonly string[]
  /** Anomaly map and mask of the image at a place, [H*W]: from memory, or predicted again while the detector is there. */
  view(place: number): Promise<{ readonly map: Float32Array; readonly mask: Uint8Array }>
}

/** A finished evaluation: the numbers and what they were computed from. */
export interface Evaluation {
  readonly results: EvaluationResults
  readonly scoring: Scoring
  /** Lets go of the detector, which `scoring.view` needs where pixel metrics are bounded. */
  dispose(): void
}

/** A finished evaluation and what it is called beside the others of its data set. */
export interface NamedEvaluation {
  readonly title: string
  readonly evaluation: Evaluation
  readonly threshold?: DecisionThreshold | undefined
}
