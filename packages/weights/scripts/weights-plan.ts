import type { WeightsRecord } from '../src/bundled/weights-record.ts'

/** A table of figures: rows of texts under the names of the columns. */
export interface FigureTable {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What is decided by hand about bundled weights, in `weights/<name>.about.json`; the rest is in the files that it is made of. */
export interface WeightsPlan extends Pick<WeightsRecord, 'id' | 'licence' | 'share'> {
  readonly title: string
  /** The deepest stage that is kept. */
  readonly lastStage: string
  readonly initial: Omit<WeightsRecord['initial'], 'digest'>
  /** A training for each `--training`, in their order. */
  readonly trainings: readonly { readonly command: string }[]
  /** Names of classes are those of the training's card; `metal-*` stands for all that begin with `metal-`. */
  readonly data: readonly {
    readonly name: string
    readonly licence: string
    readonly source: string
    readonly classes: readonly string[]
  }[]
  readonly use: string
  readonly limits: readonly string[]
  readonly figures: readonly FigureTable[]
}
