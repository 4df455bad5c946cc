import type { BestF1 } from '../ranking/f1-max.ts'

/**
 * The result of `evaluateDetection`, as plain JSON. A new number in `schema` means that the meaning of a field has changed: since 2,
 * only scores above the threshold of `f1Max` are anomalous; before, scores equal to it were too.
 */
export interface DetectionTable {
  readonly schema: 'tab.detection-table/2'
  /** `[height, width]` of the maps that pixel metrics were computed on; null without maps. */
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
  /** Number of anomalous images left out of the pixel metrics, as their masks are not known; null without maps. */
  readonly imagesWithoutMask: number | null
  readonly image: RankingMetrics
  /** null without maps. */
  readonly pixel: PixelMetrics | null
}

/** A metric that is undefined for a row is null. */
export interface RankingMetrics {
  readonly auroc: number | null
  readonly averagePrecision: number | null
  readonly f1Max: BestF1 | null
}

export interface PixelMetrics extends RankingMetrics {
  /** Number of 8-connected defective regions. */
  readonly regions: number
  /** One value per limit, in the order of `fprLimits`. */
  readonly aupro: readonly { readonly fprLimit: number; readonly value: number | null }[]
  /** Mean over anomalous images, for false positive rates from 1e-5 to 1e-4. */
  readonly aupimo: number | null
}

export interface UndefinedMetric {
  readonly defectType: string | null
  /** `image.auroc`, `pixel.aupro`, ... */
  readonly metric: string
  readonly reason: string
}
