import type { Tensor } from './tensor.ts'

/** A feature map that an extractor offers: its name, channels and stride in input pixels. */
export interface FeatureLayer {
  readonly name: string
  readonly channels: number
  readonly stride: number
}

/**
 * A frozen network that turns images into feature maps. It applies its own normalisation: images are RGB in [0,1].
 * An implementation is correct when it passes `describeExtractor` of `@tab/core/testing`.
 */
export interface FeatureExtractor {
  /** The architecture and a digest of the weights: extractors with the same id give the same features. */
  readonly id: string
  /** In the order of the network, shallow first. */
  readonly layers: readonly FeatureLayer[]
  /**
   * Feature maps [N, ceil(H / stride), ceil(W / stride), channels] of images [N,H,W,3], by layer name.
   * @throws NOT_FOUND for a layer it does not have; INVALID_ARGUMENT for images of another shape or with values
   *   outside [0,1]; NUMERICAL for NaN
   */
  extract(images: Tensor, layers: readonly string[]): Promise<ReadonlyMap<string, Tensor>>
  dispose(): void
}
