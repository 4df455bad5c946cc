import type { CellName } from './cells.ts'

/** Metrics of a cell's whole test set; null where undefined. */
export interface CellMetrics {
  readonly imageAuroc: number | null
  readonly imageAveragePrecision: number | null
  readonly pixelAuroc: number | null
  readonly pixelAveragePrecision: number | null
  /** AUPRO up to a false positive rate of 0.3, and of 0.05 as MVTec AD 2 asks. */
  readonly aupro: number | null
  readonly aupro005: number | null
}

/** What a cell costs on the machine it ran on. */
export interface CellCost {
  /** With the time that the features of the normal images take, whether they came from the cache or not. */
  readonly fitSeconds: number
  /** From the decoded image to its map, features included. */
  readonly millisecondsPerImage: number
  /** All that the fitted detector keeps. */
  readonly megabytes: number
  /** Vectors of its memory bank; null for a method without one. */
  readonly bankSize: number | null
}

/** One line of `results.jsonl`. */
export interface CellResult {
  readonly schema: 'tab.benchmark-cell/1'
  /** Digest of everything that decides the result. */
  readonly key: string
  readonly name: CellName
  readonly metrics: CellMetrics
  /** Image AUROC, pixel AUROC and AUPRO 0.3 of each defect type against all good images. */
  readonly byDefect: Readonly<Record<string, Pick<CellMetrics, 'imageAuroc' | 'pixelAuroc' | 'aupro'>>>
  readonly cost: CellCost
  /** Defect type of each test image, `good` for normal ones, and its score: what paired tests are made from. */
  readonly defects: readonly string[]
  readonly scores: readonly number[]
}
