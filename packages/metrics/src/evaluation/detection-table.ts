import type { BestF1 } from '../ranking/f1-max.ts'

/**
 * The result of `evaluateDetection`: plain JSON. A new number in `schema` means that fields changed their meaning: since 2, scores above
 * the threshold of `f1Max` are anomalous, no longer those from it on.
 */
export interface DetectionTable {
  readonly schema: 'tab.detection-table/2'
  /** [height, width] at which pixel metrics were taken; null without maps. */
  readonly resolution: readonly [number, number] | null
  readonly overall: TableRow
  /** Sorted by name; each type against all normal images. */
  readonly byDefectType: readonly TableRow[]
  /** Why a number is null. */
  readonly undefinedMetrics: readonly UndefinedMetric[]
}

export interface TableRow {
  /** null for all images together. */
  readonly defectType: string | null
  readonly normalImages: number
  readonly anomalousImages: number
  /** Anomalous images that pixel metrics leave out, as their masks are not known; null without maps. */
  readonly imagesWithoutMask: number | null
  readonly image: RankingMetrics
  /** null without maps. */
  readonly pixel: PixelMetrics | null
}

/** A metric that is undefined on a row is null. */
export interface RankingMetrics {
  readonly auroc: number | null
  readonly averagePrecision: number | null
  readonly f1Max: BestF1 | null
}

export interface PixelMetrics extends RankingMetrics {
  /** Number of 8-connected defective regions. */
  readonly regions: number
  /** One a limit, in the order asked for. */
  readonly aupro: readonly { readonly fprLimit: number; readonly value: number | null }[]
  /** Mean over anomalous images, false positive rates 1e-5 to 1e-4. */
  readonly aupimo: number | null
}

export interface UndefinedMetric {
  readonly defectType: string | null
  /** `image.auroc`, `pixel.aupro`, ... */
  readonly metric: string
  readonly reason: string
}
