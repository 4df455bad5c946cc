import type { EvaluationResults, MetricRow } from '@tab/pipeline/results'

/** Headings of a metric table, after the name of the row. */
export const METRIC_COLUMNS = ['image AUROC', 'pixel AUROC', 'AUPRO 0.3', 'images', 'ms per image'] as const

/**
 * One row as text, a cell a column; a metric that is undefined is a dash.
 * @example
 * ```ts
 * import { METRIC_COLUMNS, metricCells } from '@tab/report'
 *
 * const row = { imageAuroc: 0.98765, pixelAuroc: null, aupro: null, images: 20, millisecondsPerImage: 31.42 }
 * console.log(METRIC_COLUMNS.join(' | ')) // image AUROC | pixel AUROC | AUPRO 0.3 | images | ms per image
 * console.log(metricCells(row).join(' | ')) // 0.9877 | – | – | 20 | 31.4
 * ```
 */
export function metricCells({ imageAuroc, pixelAuroc, aupro, images, millisecondsPerImage }: MetricRow): string[] {
  const metrics = [imageAuroc, pixelAuroc, aupro].map((value) => (value === null ? '–' : value.toFixed(4)))
  return [...metrics, String(images), millisecondsPerImage.toFixed(1)]
}

/**
 * The rows of a run as people read them: each defect type, then all.
 * @example
 * ```ts
 * import { evaluate } from '@tab/pipeline/node'
 * import { metricRows } from '@tab/report'
 *
 * const backbones = [{ name: 'untrained', random: 'resnet18' }] as const
 * const { runs } = await evaluate({ data: 'washers', backbones, output: 'evaluated', imageSize: [64, 64] })
 * const rows = runs.flatMap(({ results }) => metricRows(results))
 * console.log(rows.length > 1, rows.at(-1)?.[0], rows.at(-1)?.[1].images) // true all 7
 * ```
 */
export function metricRows({ overall, byDefect }: EvaluationResults): [string, MetricRow][] {
  return [...Object.entries(byDefect), ['all', overall]]
}
