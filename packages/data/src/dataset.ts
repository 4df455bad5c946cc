import type { Problem } from './problem.ts'

/** One photograph of a data set. */
export interface Sample {
  /** The path relative to the data set's root, separated by `/`. */
  readonly id: string
  /** The path to read it from. */
  readonly path: string
  /** `validation` holds good parts for thresholds; few data sets have it. */
  readonly split: 'train' | 'validation' | 'test'
  /** 1 for a defective part. */
  readonly label: 0 | 1
  /** The defect type; `good` for a normal part. */
  readonly defect: string
  /** The path of its ground truth mask; absent for normal parts and in data sets without masks. */
  readonly maskPath?: string
  /** The kind of part, if it was chosen among several in the data set. */
  readonly category?: string
}

/** A data set as a list of samples, in a fixed order. */
export interface Dataset {
  readonly name: string
  readonly root: string
  readonly samples: readonly Sample[]
  /**
   * Problems that the names in its folders reveal and that do not make samples wrong: pictures left out, defect types without masks,
   * files that the layout has no place for. Paths are relative to `root`.
   */
  readonly warnings?: readonly Problem[]
}
