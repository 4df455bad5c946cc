import type { FeatureLayer, Tensor } from '@tab/core'
import type { Architecture, NetworkSpec, Stage } from './architecture.ts'

/** Mean and standard deviation of each colour channel, for RGB in [0,1]. */
export interface Normalization {
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/** The normalisation of torchvision's ImageNet weights. */
export const IMAGENET_NORMALIZATION: Normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

/** A network and its weights as plain data: immutable, and independent of any engine. */
export interface Backbone {
  readonly architecture: Architecture
  /** The deepest stage whose weights it has. */
  readonly lastStage: Stage
  readonly network: NetworkSpec
  /** The feature maps it can compute. */
  readonly layers: readonly FeatureLayer[]
  /** Float32 parameters by torchvision's names; convolutions [out,in,height,width]. */
  readonly parameters: ReadonlyMap<string, Tensor>
  readonly normalization: Normalization
}
