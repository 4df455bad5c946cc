import type { Problem } from './problem.ts'

/** One photograph of a data set. */
export interface Sample {
  /** Path relative to the data set's root, with `/` between the parts. */
  readonly id: string
  /** Path to read it from. */
  readonly path: string
  /** `validation` holds good parts kept for thresholds; few data sets have it. */
  readonly split: 'train' | 'validation' | 'test'
  /** 1 for a defective part. */
  readonly label: 0 | 1
  /** Defect type; `good` for a normal part. */
  readonly defect: string
  /** Path of its ground truth mask; absent for normal parts and in data sets without masks. */
  readonly maskPath?: string
  /** Kind of part, where it was chosen among several of one data set. */
  readonly category?: string
}

/** A data set as a list of samples, in a fixed order. */
export interface Dataset {
  readonly name: string
  readonly root: string
  readonly samples: readonly Sample[]
  /**
   * What is wrong with it, as far as the names in its folders tell, and does not make its samples wrong: pictures left out, defect
   * types without masks, files of no known place. Paths are relative to `root`.
   */
  readonly warnings?: readonly Problem[]
}
