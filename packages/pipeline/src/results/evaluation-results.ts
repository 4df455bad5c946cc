import type { BinnedDetectionTable, DetectionTable } from '@tab/metrics'

/** Metrics of one group of test images; null where the metric is not defined for them (no masks, no good image). */
export interface MetricRow {
  readonly imageAuroc: number | null
  readonly pixelAuroc: number | null
  /** AUPRO up to a false positive rate of 0.3. */
  readonly aupro: number | null
  /** Images the row speaks of: all test images, or the defective ones of one type. */
  readonly images: number
  /** Mean time from the decoded image to its map, without reading the file. */
  readonly millisecondsPerImage: number
}

/** A score above which a part is called defective, chosen on good images that were not used in the fit. */
export interface DecisionThreshold {
  readonly value: number
  /** Share of good parts that are expected above it at most: what the images guarantee, not what was asked for. */
  readonly falsePositiveRate: number
  /** Good images that it was chosen on. */
  readonly sampleSize: number
}

/** How pixel metrics were computed. */
export type PixelMetricsRecord =
  | { readonly method: 'exact' }
  | {
      readonly method: 'bounded'
      /** Bins that a score may fall in. */
      readonly bins: number
      /** Pixel AUROC and AUPRO 0.3 of every row are at most this far from the exact ones; `metrics.binned` has the bound of each. */
      readonly errorBound: number
    }

/** How a run was made, enough to repeat it. */
export interface RunDescription {
  readonly dataset: string
  readonly backbone: string
  readonly detector: string
  readonly options: Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>
  readonly normals: number
  /** Images left out as unreadable, relative to the data folder. */
  readonly skipped: readonly string[]
  readonly fitSeconds: number
  /** Resolution `[height, width]` at which pixel metrics were computed. */
  readonly resolution: readonly [number, number]
  /** What images were resized to before a crop to that; absent without a crop. */
  readonly resizedTo?: readonly [number, number]
  readonly pixelMetrics: PixelMetricsRecord
  /** What a reader of the figures must know of the data set. */
  readonly warnings: readonly string[]
  /** Where one was asked for. */
  readonly threshold?: DecisionThreshold
}

/** Content of `results.json`. */
export interface EvaluationResults {
  readonly overall: MetricRow
  readonly byDefect: Readonly<Record<string, MetricRow>>
  /** Every metric of every row, with the reason where one is undefined. */
  readonly metrics: DetectionTable | BinnedDetectionTable
  readonly run: RunDescription
}
