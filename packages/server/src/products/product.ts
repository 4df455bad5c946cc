import type { ModelFile } from '../inspection/protocol.ts'

/** A detector file of a product. */
export interface ProductVersion {
  /** The file's name without its ending. */
  readonly name: string
  /** When the file was last written. */
  readonly at: Date
  readonly model: ModelFile
  /** Null for a file that is served; otherwise why it is not. */
  readonly refused: string | null
  /** Score above which an image is anomalous, as the file says; null where it has none. */
  readonly threshold: number | null
  readonly guaranteedRate: number | null
  /** Scores of the good images of its calibration, ascending; null where it has none. */
  readonly goodScores: Float64Array | null
  /** `[height, width]` that images are prepared to. */
  readonly imageSize: readonly [number, number] | null
}

/** A change that somebody made to what is served. */
export interface Change {
  readonly product: string
  /** `activate` pins a version, or follows the newest one again; `threshold` sets or takes back an override; `learn` made this version. */
  readonly kind: 'activate' | 'threshold' | 'learn'
  /** Version that is meant; null: the newest one. */
  readonly version: string | null
  readonly digest: string | null
  /** The threshold; null takes the override back, and with `activate`. */
  readonly value: number | null
  readonly author: string | null
  readonly note: string | null
}

export interface RecordedChange extends Change {
  readonly id: number
  readonly at: Date
}
