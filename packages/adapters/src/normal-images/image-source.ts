import type { Tensor } from '@tab/core'

/** Good images, numbered from 0, that can be read more than once: from a folder or from memory. */
export interface ImageSource {
  readonly count: number
  /** Batches [N,H,W,3] of exactly the images with these numbers, in this order. */
  batches(indices: readonly number[]): AsyncIterable<Tensor> | Iterable<Tensor>
}
