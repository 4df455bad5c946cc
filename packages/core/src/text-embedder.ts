import type { Tensor } from './tensor.ts'

/**
 * A text encoder: one unit vector per text. An implementation is correct when it passes `describeTextEmbedder` of `@tab/core/testing`.
 */
export interface TextEmbedder {
  /** Derived from the model's content and precision: embedders with the same id give the same vectors. */
  readonly id: string
  readonly dimension: number
  /** Embeddings [N, dimension], L2 norm 1, in the order of `texts`. */
  embed(texts: readonly string[]): Promise<Tensor>
  /** The same before normalisation, for averages of raw embeddings; absent where these are not known. */
  embedRaw?(texts: readonly string[]): Promise<Tensor>
  /** Frees the model; may be called again. After that, `embed` throws DISPOSED. */
  dispose(): void
}
