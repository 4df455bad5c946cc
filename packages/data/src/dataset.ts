/** One photograph of a data set. */
export interface Sample {
  /** Path relative to the data set's root, with `/` between the parts. */
  readonly id: string
  /** Path to read it from. */
  readonly path: string
  readonly split: 'train' | 'test'
  /** 1 for a defective part. */
  readonly label: 0 | 1
  /** Defect type; `good` for a normal part. */
  readonly defect: string
  /** Path of its ground truth mask; absent for normal parts and in data sets without masks. */
  readonly maskPath?: string
}

/** A data set as a list of samples, in a fixed order. */
export interface Dataset {
  readonly name: string
  readonly root: string
  readonly samples: readonly Sample[]
}
