import type { CellRow } from './cell-result.ts'
import type { Comparison } from './comparison.ts'
import type { PublishedFigure } from './published-figure.ts'
import type { SummaryRow } from './summary.ts'

/** What the tables of a benchmark are drawn from. */
export interface BenchmarkTables {
  readonly cells: readonly CellRow[]
  readonly rows: readonly SummaryRow[]
  readonly comparisons: readonly Comparison[]
  readonly published: readonly PublishedFigure[]
  /** Such as `tab 0.1.0`. */
  readonly madeBy: string
}
