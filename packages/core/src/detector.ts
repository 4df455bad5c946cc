import type { LongTaskOptions } from './long-task.ts'
import type { DType, Tensor } from './tensor.ts'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

export interface Prediction {
  /** Image scores [N]; higher is more anomalous. */
  readonly scores: Tensor
  /** Anomaly maps [N,H,W] in input pixels. */
  readonly maps: Tensor
}

/** All that a fitted detector knows, as plain data: enough to restore it with the same extractor. */
export interface DetectorState {
  /** The method that made it: `patchcore`. */
  readonly method: string
  /** Version of this method's state layout. */
  readonly version: number
  /** `FeatureExtractor.id` of the extractor it was fitted with. */
  readonly extractorId: string
  readonly options: Readonly<Record<string, JsonValue>>
  readonly tensors: Readonly<Record<string, Tensor<DType>>>
}

/** A fitted anomaly detector. Right when it passes `describeDetector` of `@tab/core/testing`. */
export interface Detector {
  /**
   * Scores images [N,H,W,3], RGB in [0,1].
   * @throws INVALID_ARGUMENT for images of a shape it was not fitted for or with values outside [0,1]; NUMERICAL for NaN, also in
   *   what it would predict; DISPOSED after {@link dispose}
   */
  predict(images: Tensor, options?: LongTaskOptions): Promise<Prediction>
  state(): DetectorState
  dispose(): void
}

/** A detection method with its settings; stateless, so that "not fitted" cannot be written. */
export interface DetectorRecipe<D extends Detector = Detector> {
  /**
   * Learns what normal looks like.
   * @param normals batches [N,H,W,3] of good images, all of one size
   * @throws INVALID_ARGUMENT when there is no image, the sizes differ or values are outside [0,1]; NUMERICAL for NaN
   */
  fit(normals: AsyncIterable<Tensor> | Iterable<Tensor>, options?: LongTaskOptions): Promise<D>
  /**
   * A detector that predicts as the one whose state this is.
   * @throws INCOMPATIBLE for another method, extractor or version; INVALID_DATA for a damaged state
   */
  restore(state: DetectorState): Promise<D>
}
