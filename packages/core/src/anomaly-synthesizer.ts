import type { Rng } from './rng.ts'
import type { Tensor } from './tensor.ts'

/** An image [H,W,3] with a synthetic defect and its mask [H,W], 1 where a pixel was changed. */
export interface SyntheticAnomaly {
  readonly image: Tensor
  readonly mask: Tensor<'uint8'>
}

/**
 * Makes an anomalous image from a normal one. It leaves the input unchanged, the output is in [0,1], and where the mask
 * is 0 the output equals the input. An implementation is correct when it passes `describeSynthesizer` of `@tab/core/testing`.
 */
export interface AnomalySynthesizer<R extends SyntheticAnomaly = SyntheticAnomaly> {
  readonly name: string
  /** @param image [H,W,3], RGB in [0,1] */
  synthesize(image: Tensor, rng: Rng): R
}
