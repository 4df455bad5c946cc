import type { JsonValue } from '@tab/core'
import type { AveragedPart } from '@tab/model'

/** Images that weights were trained on. */
export interface WeightsData {
  readonly name: string
  /** SPDX id. */
  readonly licence: string
  /** Where the images are from, and whom their licence asks to be named. */
  readonly source: string
  /** Classes of the training that are of this data set. */
  readonly classes: readonly {
    readonly name: string
    readonly images: number
    /** SHA-256 over names and contents of the files, as the card of the training has it. */
    readonly digest: string
  }[]
}

/** How bundled weights were made: with it, `npm run weights` makes the same bytes from the same files. */
export interface WeightsRecord {
  readonly schema: 'tab.weights-record/1'
  readonly id: string
  readonly architecture: string
  readonly layers: readonly string[]
  /** SPDX expression of the weights. */
  readonly licence: string
  /** What the trainings began with. */
  readonly initial: {
    readonly name: string
    readonly licence: string
    readonly source: string
    readonly sha256: string
    /** Of the weights to the last layer, by `weightsDigest`. */
    readonly digest: string
  }
  /** What is averaged, in equal parts, before `share` is applied. */
  readonly trainings: readonly {
    readonly command: string
    readonly sha256: string
    readonly digest: string
    /** Settings, seed, preset, engine and figures, as the training noted them. */
    readonly card: JsonValue
  }[]
  readonly data: readonly WeightsData[]
  /** Of the trainings, against the initial weights; for all parts, or for each. */
  readonly share: number | Readonly<Partial<Record<AveragedPart, number>>>
  readonly stored: {
    readonly dtype: 'float16'
    /** Largest change by the rounding, over the largest weight of its filter. */
    readonly largestError: number
  }
}
