import type { EvaluationResults, MetricRow } from '@tab/pipeline/results'

/** Headings of a metric table, after the name of the row. */
export const METRIC_COLUMNS = ['image AUROC', 'pixel AUROC', 'AUPRO 0.3', 'images', 'ms per image'] as const

/** One row as text, a cell a column; a metric that is undefined is a dash. */
export function metricCells({ imageAuroc, pixelAuroc, aupro, images, millisecondsPerImage }: MetricRow): string[] {
  const metrics = [imageAuroc, pixelAuroc, aupro].map((value) => (value === null ? '–' : value.toFixed(4)))
  return [...metrics, String(images), millisecondsPerImage.toFixed(1)]
}

/** The rows of a run as people read them: each defect type, then all. */
export function metricRows({ overall, byDefect }: EvaluationResults): [string, MetricRow][] {
  return [...Object.entries(byDefect), ['all', overall]]
}
