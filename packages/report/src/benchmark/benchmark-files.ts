import type { BenchmarkTables } from '@tab/pipeline/results'
import { benchmarkPage } from './benchmark-page.tsx'
import { cellsCsv, comparisonTable, costTable, latexOf, markdownOf, metricTables } from './tables.ts'

/**
 * The files of a benchmark by their names: `table.md`, `table.tex` (the same numbers for the same config, whatever the run was), `cost.md`,
 * `cells.csv` and `report.html`, which shows all of them.
 * @example
 * ```ts
 * import { benchmark } from '@tab/pipeline/node'
 * import { benchmarkFiles } from '@tab/report'
 *
 * const spec = {
 *   datasets: [{ path: 'washers' }],
 *   backbones: [{ name: 'untrained', random: 'resnet18' as const }],
 *   detectors: [{ method: 'patchcore' as const }],
 * }
 * const { tables } = await benchmark({ ...spec, imageSize: [64, 64], output: 'drawn' }, { drawTables: benchmarkFiles })
 * console.log(Object.keys(tables).join(' ')) // table.md table.tex cost.md cells.csv report.html
 * ```
 */
export function benchmarkFiles({
  cells,
  rows,
  comparisons,
  published,
  madeBy,
}: BenchmarkTables): Record<'table.md' | 'table.tex' | 'cost.md' | 'cells.csv' | 'report.html', string> {
  const metrics = metricTables(rows, published)
  const comparison = comparisons.length > 0 ? comparisonTable(comparisons) : undefined
  const tables = comparison ? [...metrics, comparison] : metrics
  const cost = costTable(rows)
  return {
    'table.md': markdownOf(tables),
    'table.tex': latexOf(tables),
    'cost.md': markdownOf([cost]),
    'cells.csv': cellsCsv(cells),
    'report.html': benchmarkPage({ rows, metrics, comparison, cost, madeBy }),
  }
}
