import { assertImage, type Tensor } from '@tab/core'
import { centerCrop, cropMargins, resizeImage, resizeMask, type ResizeFilter, type Size } from './resize.ts'

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

/** Where prepared images lie in the ones that they were made of: a row or column at `x` is at `offset + scale * x` there. */
export interface PreparedPlace {
  /** Pixels of the original in one of the prepared image, `[vertical, horizontal]`. */
  readonly scale: readonly [number, number]
  /** Of the first row and column, `[vertical, horizontal]`. */
  readonly offset: readonly [number, number]
}

/**
 * The way back from an image of {@link prepareImage} to its original.
 * @param original `[height, width]`
 */
export function placeInOriginal({ size, crop = size }: Preparation, original: Size): PreparedPlace {
  const scale = [original[0] / size[0], original[1] / size[1]] as const
  const [top, left] = cropMargins(size, crop)
  return { scale, offset: [top * scale[0], left * scale[1]] }
}
