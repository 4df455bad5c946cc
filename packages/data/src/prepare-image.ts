import { assertImage, type Tensor } from '@tab/core'
import { centerCrop, cropMargins, resizeImage, resizeMask, type ResizeFilter, type Size } from './resize.ts'

/** How an image is brought to the size that a network expects. Detector files of `@tab/adapters` store it. */
export interface Preparation {
  /** `[height, width]` to resize to; the aspect ratio is not kept. */
  readonly size: Size
  /** The size of the middle part to keep after the resize. Default: all of it. */
  readonly crop?: Size
  /** Default `bilinear`. */
  readonly filter?: ResizeFilter
  /**
   * How files are resized: `exact`, in 32-bit floats, the same everywhere; `fast`, by libvips where files are read in Node, which differs by about
   * half a level of 255. Browsers, and pixels that are passed in, are always resized exactly. Default `exact`.
   */
  readonly reading?: 'exact' | 'fast'
}

/**
 * Resizes and crops an image for a network. This is the only implementation of a {@link Preparation}, in Node and in the browser, so that
 * images to be judged are prepared like those of the fit.
 * @param image [H,W,3] in [0,1]
 * @returns [height,width,3] in [0,1], of the crop's size if there is a crop
 * @throws INVALID_ARGUMENT for another shape, values outside [0,1], or an invalid size or crop; NUMERICAL for NaN
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

/**
 * Resizes and crops a mask [H,W] like its image in {@link prepareImage}, by nearest neighbour.
 * @throws INVALID_ARGUMENT for another shape, or an invalid size or crop
 * @example
 * ```ts
 * import { tensorOf } from '@tab/core'
 * import { prepareMask } from '@tab/data'
 * const mask = tensorOf('uint8', [2, 2], Uint8Array.of(0, 1, 0, 0))
 * console.log(prepareMask(mask, { size: [2, 4] }).data.join('')) // 00110000
 * ```
 */
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
 * @example
 * ```ts
 * import { placeInOriginal } from '@tab/data'
 * const { scale, offset } = placeInOriginal({ size: [100, 100], crop: [80, 80] }, [200, 400])
 * console.log(scale, offset) // [ 2, 4 ] [ 20, 40 ]
 * ```
 */
export function placeInOriginal({ size, crop = size }: Preparation, original: Size): PreparedPlace {
  const scale = [original[0] / size[0], original[1] / size[1]] as const
  const [top, left] = cropMargins(size, crop)
  return { scale, offset: [top * scale[0], left * scale[1]] }
}
