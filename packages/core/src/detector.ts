import type { LongTaskOptions } from './long-task.ts'
import type { DType, Tensor } from './tensor.ts'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

export interface Prediction {
  /** Image scores [N]; higher is more anomalous. */
  readonly scores: Tensor
  /** Anomaly maps [N,H,W] in input pixels. */
  readonly maps: Tensor
  /** [H,W], 1 at the pixels that were looked at. Default: all. */
  readonly within?: Tensor<'uint8'> | undefined
  /**
   * [N,h,w,3], of each cell of a grid over the images the good patch that is nearest to it: the number of its image, and its row and column
   * there; -1 where that is not known. Only of detectors that compare with good patches.
   */
  readonly nearest?: Tensor<'int32'> | undefined
}

/** Everything a fitted detector knows, as plain data; with the same extractor it restores the detector. */
export interface DetectorState {
  /** The method that made it: `patchcore`. */
  readonly method: string
  /** Version of this method's state layout. */
  readonly version: number
  /** `FeatureExtractor.id` of the extractor used for the fit. */
  readonly extractorId: string
  readonly options: Readonly<Record<string, JsonValue>>
  readonly tensors: Readonly<Record<string, Tensor<DType>>>
}

/** A fitted anomaly detector. An implementation is correct when it passes `describeDetector` of `@tab/core/testing`. */
export interface Detector {
  /**
   * Scores images [N,H,W,3], RGB in [0,1].
   * @throws INVALID_ARGUMENT for images of another shape than those of the fit or with values outside [0,1]; NUMERICAL for NaN, in
   *   the images or the prediction; DISPOSED after {@link dispose}
   */
  predict(images: Tensor, options?: LongTaskOptions): Promise<Prediction>
  state(): DetectorState
  dispose(): void
}

/** A detection method with its settings. It has no state, so nothing can be used before it is fitted. */
export interface DetectorRecipe<D extends Detector = Detector> {
  /**
   * Learns what normal images look like.
   * @param normals batches [N,H,W,3] of good images, all of one size
   * @throws INVALID_ARGUMENT when there is no image, the sizes differ or values are outside [0,1]; NUMERICAL for NaN
   */
  fit(normals: AsyncIterable<Tensor> | Iterable<Tensor>, options?: LongTaskOptions): Promise<D>
  /**
   * A detector that predicts exactly like the one that gave the state.
   * @throws INCOMPATIBLE for another method, extractor or version; INVALID_DATA for a damaged state
   */
  restore(state: DetectorState): Promise<D>
}
