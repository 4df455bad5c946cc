import type { EvaluationResults } from '../evaluation/results.ts'
import type { CasePictures } from './case-pictures.ts'

/** A picture card of the gallery. */
export interface ReportCase {
  readonly id: string
  readonly defect: string
  readonly score: number
  readonly aboveGood: number | undefined
  readonly pictures: CasePictures
}

/** One evaluation as the page shows it. */
export interface ReportRun {
  readonly title: string
  readonly results: EvaluationResults
  readonly missed: readonly ReportCase[]
  readonly falseAlarms: readonly ReportCase[]
  readonly found: readonly ReportCase[]
}

/** The whole page. */
export interface ReportPage {
  readonly title: string
  /** What a reader must know before the numbers, such as an untrained backbone. */
  readonly note: string | undefined
  readonly runs: readonly ReportRun[]
  /** When and with which version it was made. */
  readonly colophon: string
}
