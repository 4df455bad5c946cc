import type { CellName } from './cell-name.ts'

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

/** What `results.jsonl` says of every line. A new number means that fields changed their meaning. */
export const CELL_SCHEMA = 'tab.benchmark-cell/2'

/** One line of `results.jsonl`. */
export type CellRow = CellResult | CellFailure

export interface CellRecord {
  readonly schema: typeof CELL_SCHEMA
  /** Digest of everything that decides the result, the bytes of images, masks and weights among it. */
  readonly key: string
  readonly name: CellName
  /** What finds the weights again: an absolute path, a hub id with its full commit, or `random` and the architecture. */
  readonly weights: string
}

/** A cell that cannot be: why there is no figure. */
export interface CellFailure extends CellRecord {
  readonly error: { readonly code: string; readonly message: string }
}

/** A finished cell. */
export interface CellResult extends CellRecord {
  readonly metrics: CellMetrics
  /** Image AUROC, pixel AUROC and AUPRO 0.3 of each defect type against all good images. */
  readonly byDefect: Readonly<Record<string, Pick<CellMetrics, 'imageAuroc' | 'pixelAuroc' | 'aupro'>>>
  readonly cost: CellCost
  /** Defect type of each test image, `good` for normal ones, and its score: what paired tests are made from. */
  readonly defects: readonly string[]
  readonly scores: readonly number[]
  /** What must be read with the figures: why one is undefined, masks that lack, warnings of the data set. */
  readonly notes: readonly string[]
}

/**
 * Whether a cell could not be computed: such a row has an error in place of figures.
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { isFailure, type CellRow } from '@tab/pipeline/results'
 *
 * const lines = (await readFile('results.jsonl', 'utf8')).trim().split('\n') // as `tab benchmark` writes it
 * const rows = lines.map((line): CellRow => JSON.parse(line))
 * console.log(rows.map((row) => (isFailure(row) ? row.error.code : row.metrics.imageAuroc))) // [ 0.8, 0.9, 0.9, 1, 'INVALID_ARGUMENT' ]
 * ```
 */
export function isFailure(row: CellRow): row is CellFailure {
  return 'error' in row
}
