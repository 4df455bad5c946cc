import { assertImage, type Tensor } from '@tab/core'
import { centerCrop, resizeImage, resizeMask, type ResizeFilter, type Size } from './resize.ts'

/** How an image is brought to the size a network takes; a detector file of `@tab/adapters` keeps one. */
export interface Preparation {
  /** `[height, width]` to resize to, whatever the aspect. */
  readonly size: Size
  /** Middle part to keep after the resize. Default: all of it. */
  readonly crop?: Size
  /** Default `bilinear`. */
  readonly filter?: ResizeFilter
}

/**
 * An image as a network takes it: resized, then cropped. The one implementation of a {@link Preparation}, in Node and in a browser, so that
 * images to be judged are prepared as those of the fit were.
 * @param image [H,W,3] in [0,1]
 * @returns [height,width,3] in [0,1], of the size of the crop where there is one
 * @throws INVALID_ARGUMENT for another shape, values outside [0,1], or a size or crop that is impossible; NUMERICAL for NaN
 * @example
 * ```ts
 * import { prepareImage, syntheticParts } from '@tab/data'
 * const { image } = syntheticParts({ part: 'tablet', size: [96, 128], seed: 1 }).normal(0)
 * console.log(prepareImage(image, { size: [64, 64], crop: [56, 56] }).shape) // [ 56, 56, 3 ]
 * ```
 */
export function prepareImage(image: Tensor, { size, crop, filter }: Preparation): Tensor {
  assertImage('prepareImage', image)
  const resized = resizeImage(image, size, filter)
  return crop ? centerCrop(resized, crop) : resized
}

/** A mask [H,W] as {@link prepareImage} brings its image to size, by its nearest pixels. */
export function prepareMask(mask: Tensor<'uint8'>, { size, crop }: Preparation): Tensor<'uint8'> {
  const resized = resizeMask(mask, size)
  return crop ? centerCrop(resized, crop) : resized
}
