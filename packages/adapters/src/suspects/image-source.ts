import type { Tensor } from '@tab/core'

/** Good images that can be read more than once, by their number from 0: from a folder, or held in memory. */
export interface ImageSource {
  readonly count: number
  /** Batches [N,H,W,3] of the images of these numbers, in their order, none left out. */
  batches(indices: readonly number[]): AsyncIterable<Tensor> | Iterable<Tensor>
}
