import type { LongTaskOptions } from '@tab/core'
import type { OutputClaim } from '../files/claim-output.ts'
import { benchmarkPage } from './benchmark-page.tsx'
import { isFailure, type CellResult, type CellRow } from './cell-result.ts'
import { compareBackbones, type Comparison } from './comparisons.ts'
import type { PublishedFigure } from './config.ts'
import { summarise, type SummaryRow } from './summary.ts'
import { cellsCsv, comparisonTable, costTable, latexOf, markdownOf, metricTables } from './tables.ts'

/** What a benchmark came to. */
export interface BenchmarkOutcome {
  readonly rows: readonly SummaryRow[]
  readonly comparisons: readonly Comparison[]
  /** The text of `table.md`. */
  readonly text: string
}

/**
 * Writes `table.md`, `table.tex` (the same numbers for the same config, whatever the run was), `cost.md`, `cells.csv` and `report.html`,
 * which shows all of them.
 */
export async function writeTables(
  output: OutputClaim,
  cells: readonly CellRow[],
  published: readonly PublishedFigure[],
  task: LongTaskOptions,
): Promise<BenchmarkOutcome> {
  const rows = summarise(cells)
  const finished = cells.filter((row): row is CellResult => !isFailure(row))
  const comparisons = await compareBackbones(finished, task)
  const metrics = metricTables(rows, published)
  const comparison = comparisons.length > 0 ? comparisonTable(comparisons) : undefined
  const tables = comparison ? [...metrics, comparison] : metrics
  const cost = costTable(rows)
  const text = markdownOf(tables)
  const files = {
    'table.md': text,
    'table.tex': latexOf(tables),
    'cost.md': markdownOf([cost]),
    'cells.csv': cellsCsv(cells),
    'report.html': benchmarkPage({ rows, metrics, comparison, cost }),
  }
  await output.publish(files)
  return { rows, comparisons, text }
}
