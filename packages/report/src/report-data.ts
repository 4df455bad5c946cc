import type { EvaluationCurves } from './evaluation/curves.ts'
import type { DecisionThreshold, EvaluationResults } from '@tab/pipeline/results'

/** One evaluation as the page shows it. */
export interface ReportRun {
  /** Tells it from the other runs of its data set. */
  readonly title: string
  readonly results: EvaluationResults
  readonly curves: EvaluationCurves
  /** Image scores of the whole test set. */
  readonly scores: { readonly good: readonly number[]; readonly defective: readonly number[] }
  readonly threshold: DecisionThreshold | undefined
}

/** What one run says of one image. */
export interface Verdict {
  readonly score: number
  /** Share of the other good test images that score below it; undefined where there is none. */
  readonly aboveGood: number | undefined
  /** Data URI of the anomaly map in colours, transparent where it is low. */
  readonly heatmap: string
}

/** A test image in the gallery. */
export interface ReportCase {
  readonly id: string
  readonly defect: string
  /** `[height, width]` of the pictures. */
  readonly size: readonly [number, number]
  /** Data URI. */
  readonly photograph: string
  /** Contour of the ground truth as an SVG path in pixels of the photograph; undefined where there is none. */
  readonly outline: string | undefined
  /** One per run, in the order of the runs. */
  readonly verdicts: readonly Verdict[]
}

/** The runs of one data set, side by side. */
export interface ReportDataset {
  readonly name: string
  readonly runs: readonly ReportRun[]
  /** The images shown, from the highest score of the first run down. */
  readonly cases: readonly ReportCase[]
  /** Test images in all. */
  readonly images: number
}

/** The whole page. */
export interface ReportPage {
  readonly title: string
  /** What a reader must know before the numbers, such as an untrained backbone. */
  readonly note: string | undefined
  readonly datasets: readonly ReportDataset[]
  /** When and with which version it was made. */
  readonly colophon: string
}
