import Table from 'cli-table3'
import { METRIC_COLUMNS, metricCells, metricRows } from '@tab/report'
import { notesOf, type EvaluationResults } from '@tab/pipeline/results'

/** The metrics of one run as a table for a terminal, with what must be read with it below. */
export function metricTableText(title: string, results: EvaluationResults): string {
  const { run } = results
  const table = new Table({
    head: ['defect type', ...METRIC_COLUMNS],
    colAligns: ['left', ...METRIC_COLUMNS.map(() => 'right' as const)],
    style: { head: [], border: [] },
  })
  for (const [name, row] of metricRows(results)) table.push([name, ...metricCells(row)])
  const notes = notesOf(results).map((note) => `${note}\n`)
  return `${title}\n${table.toString()}\n${run.normals} good images fitted in ${run.fitSeconds.toFixed(1)} s\n${notes.join('')}`
}
