import type { Tensor } from './tensor.ts'

/**
 * A text encoder: one vector of length 1 a text. An implementation is right when it passes `describeTextEmbedder` of `@tab/core/testing`.
 */
export interface TextEmbedder {
  /** Made from the content of the model, with its precision: two embedders with one id give the same vectors. */
  readonly id: string
  readonly dimension: number
  /** Embeddings [N, dimension], L2 norm 1, in the order of `texts`. */
  embed(texts: readonly string[]): Promise<Tensor>
  /** The same before they are brought to length 1, for averages of raw embeddings; absent where they are not known. */
  embedRaw?(texts: readonly string[]): Promise<Tensor>
  /** Frees the model, as often as one likes; `embed` is refused with DISPOSED from then on. */
  dispose(): void
}
