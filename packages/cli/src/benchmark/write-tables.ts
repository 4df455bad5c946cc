import { join } from 'node:path'
import type { LongTaskOptions } from '@tab/core'
import { writeAtomically } from '../files/write-atomically.ts'
import type { CellResult } from './cell-result.ts'
import { compareBackbones } from './comparisons.ts'
import type { PublishedFigure } from './config.ts'
import { summarise } from './summary.ts'
import { cellsCsv, comparisonTable, costTable, latexOf, markdownOf, metricTables } from './tables.ts'

/**
 * Writes `table.md`, `table.tex` (the same numbers for the same config, whatever the run was), `cost.md` and `cells.csv`.
 * @returns the text of `table.md`
 */
export async function writeTables(
  output: string,
  results: readonly CellResult[],
  published: readonly PublishedFigure[],
  task: LongTaskOptions,
): Promise<string> {
  const rows = summarise(results)
  const comparisons = await compareBackbones(results, task)
  const tables = [...metricTables(rows, published), ...(comparisons.length > 0 ? [comparisonTable(comparisons)] : [])]
  const text = markdownOf(tables)
  await writeAtomically(join(output, 'table.md'), text)
  await writeAtomically(join(output, 'table.tex'), latexOf(tables))
  await writeAtomically(join(output, 'cost.md'), markdownOf([costTable(rows)]))
  await writeAtomically(join(output, 'cells.csv'), cellsCsv(results))
  return text
}
