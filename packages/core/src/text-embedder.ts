import type { Tensor } from './tensor.ts'

/** A text encoder: one vector of length 1 a text. */
export interface TextEmbedder {
  /** Model and precision: two embedders with one id give the same vectors. */
  readonly id: string
  readonly dimension: number
  /** Embeddings [N, dimension], L2 norm 1, in the order of `texts`. */
  embed(texts: readonly string[]): Promise<Tensor>
}
