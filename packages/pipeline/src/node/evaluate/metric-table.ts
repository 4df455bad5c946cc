import type { DetectionTable, TableRow } from '@tab/metrics'
import type { ScoredSet } from '../../results/evaluation.ts'
import type { MetricRow } from '../../results/evaluation-results.ts'

/** All metrics, and those that tables on a screen show: of all images, and of each defect type against all good images. */
export interface MetricTable {
  readonly overall: MetricRow
  readonly byDefect: Record<string, MetricRow>
  readonly metrics: DetectionTable
}

export function metricTable({ milliseconds, defects }: ScoredSet, metrics: DetectionTable): MetricTable {
  const row = ({ image, pixel, defectType }: TableRow): MetricRow => {
    const times = milliseconds.filter((_, index) => defectType === null || defects[index] === defectType)
    return {
      imageAuroc: image.auroc,
      pixelAuroc: pixel?.auroc ?? null,
      aupro: pixel?.aupro.find(({ fprLimit }) => fprLimit === 0.3)?.value ?? null,
      images: times.length,
      millisecondsPerImage: times.reduce((sum, time) => sum + time, 0) / times.length,
    }
  }
  return {
    overall: row(metrics.overall),
    byDefect: Object.fromEntries(metrics.byDefectType.map((entry) => [String(entry.defectType), row(entry)])),
    metrics,
  }
}
