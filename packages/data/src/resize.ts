import {
  assertPixels,
  assertTensor,
  checkNumber,
  formatShape,
  portableMath,
  TabError,
  tensor,
  tensorOf,
  type Tensor,
} from '@tab/core'

const { max, min } = Math // local names: looking up a global is slow in sandboxes such as jest's

/** The kernel of a resize: `bilinear` is a triangle of radius 1, `lanczos` a windowed sinc of radius 3. */
export type ResizeFilter = 'bilinear' | 'lanczos'

/** `[height, width]` in pixels. */
export type Size = readonly [height: number, width: number]

/**
 * Resizes an image with antialiasing, as Pillow does: for a smaller image, the kernel is widened by the scale.
 * @param image [H,W,C] in [0,1], at least one pixel
 * @returns [height,width,C], clipped to [0,1] where Lanczos or rounding would exceed it
 * @throws INVALID_ARGUMENT for another shape, values outside [0,1] or an invalid size
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { resizeImage } from '@tab/data'
 * const image = tensor([1, 4, 1], Float32Array.of(0, 0, 1, 1))
 * console.log(resizeImage(image, [1, 2]).data) // Float32Array(2) [ 0.1428571492433548, 0.8571428656578064 ]
 * ```
 */
export function resizeImage(image: Tensor, size: Size, filter: ResizeFilter = 'bilinear'): Tensor {
  assertTensor('resizeImage', 'image', image, ['H', 'W', 'C'])
  checkPixelsExist('resizeImage', 'image', image.shape)
  assertPixels('resizeImage', image.data)
  checkSize('resizeImage', size)
  const [height, width, channels] = image.shape as [number, number, number]
  const [outHeight, outWidth] = size
  if (height === outHeight && width === outWidth) return image
  const columns = kernels(width, outWidth, filter)
  const rows = kernels(height, outHeight, filter)

  const narrow = new Float32Array(height * outWidth * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < outWidth; x++) {
      const { start, weights } = columns[x] as Kernel
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let i = 0; i < weights.length; i++) {
          sum += (weights[i] as number) * (image.data[(y * width + start + i) * channels + c] as number)
        }
        narrow[(y * outWidth + x) * channels + c] = sum
      }
    }
  }
  const stride = outWidth * channels
  const result = new Float32Array(outHeight * stride)
  for (let y = 0; y < outHeight; y++) {
    const { start, weights } = rows[y] as Kernel
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i] as number
      const source = (start + i) * stride
      for (let x = 0; x < stride; x++) {
        result[y * stride + x] = (result[y * stride + x] as number) + weight * (narrow[source + x] as number)
      }
    }
  }
  // For the triangle too: its weights add up to 1 except for rounding, so white would become 1.0000001.
  for (let i = 0; i < result.length; i++) result[i] = min(1, max(0, result[i] as number))
  return tensor([outHeight, outWidth, channels], result)
}

/**
 * Resizes a mask [H,W] by nearest neighbour, so that it stays 0 or 1.
 * @throws INVALID_ARGUMENT for another shape, a mask without pixels or an invalid size
 * @example
 * ```ts
 * import { tensorOf } from '@tab/core'
 * import { resizeMask } from '@tab/data'
 * const mask = tensorOf('uint8', [2, 2], Uint8Array.of(0, 1, 0, 0))
 * console.log(resizeMask(mask, [2, 4]).data.join(' ')) // 0 0 1 1 0 0 0 0
 * ```
 */
export function resizeMask(mask: Tensor<'uint8'>, size: Size): Tensor<'uint8'> {
  assertTensor('resizeMask', 'mask', mask, ['H', 'W'], 'uint8')
  checkPixelsExist('resizeMask', 'mask', mask.shape)
  checkSize('resizeMask', size)
  const [height, width] = mask.shape as [number, number]
  const [outHeight, outWidth] = size
  const result = new Uint8Array(outHeight * outWidth)
  for (let y = 0; y < outHeight; y++) {
    const sourceY = Math.floor(((y + 0.5) * height) / outHeight)
    for (let x = 0; x < outWidth; x++) {
      result[y * outWidth + x] = mask.data[sourceY * width + Math.floor(((x + 0.5) * width) / outWidth)] as number
    }
  }
  return tensorOf('uint8', [outHeight, outWidth], result)
}

/**
 * The middle of an image [H,W,C] or mask [H,W]. If the margins cannot be equal, the first is half their sum rounded to the even
 * number, as in torchvision's `center_crop`.
 * @param size at most the size of the image
 * @throws INVALID_ARGUMENT for another shape, image values outside [0,1], or a size larger than the image
 * @example
 * ```ts
 * import { tensorOf } from '@tab/core'
 * import { centerCrop } from '@tab/data'
 * const mask = tensorOf('uint8', [3, 3], Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0))
 * console.log(centerCrop(mask, [1, 1]).data) // Uint8Array(1) [ 1 ]
 * ```
 */
export function centerCrop<D extends 'float32' | 'uint8'>(image: Tensor<D>, size: Size): Tensor<D> {
  const [height, width, channels = 1] = image.shape as [number, number, number?]
  if (image.shape.length !== 2 && image.shape.length !== 3) {
    const expected = 'image must be [H,W,C] or [H,W]'
    throw new TabError('INVALID_ARGUMENT', { where: 'centerCrop', expected, actual: formatShape(image.shape) })
  }
  if (image.dtype === 'float32') assertPixels('centerCrop', image.data as Float32Array)
  checkNumber('centerCrop', 'height', size[0], { integer: true, minimum: 1, maximum: height })
  checkNumber('centerCrop', 'width', size[1], { integer: true, minimum: 1, maximum: width })
  const [outHeight, outWidth] = size
  const [top, left] = cropMargins([height, width], size)
  const length = outHeight * outWidth * channels
  const data = (image.dtype === 'float32' ? new Float32Array(length) : new Uint8Array(length)) as Float32Array
  for (let y = 0; y < outHeight; y++) {
    const start = ((top + y) * width + left) * channels
    data.set(image.data.subarray(start, start + outWidth * channels), y * outWidth * channels)
  }
  const shape = image.shape.length === 3 ? [outHeight, outWidth, channels] : [outHeight, outWidth]
  return { dtype: image.dtype, shape, data } as unknown as Tensor<D>
}

/** Rows and columns that {@link centerCrop} leaves out before the middle of `size` that it keeps. */
export function cropMargins(
  [height, width]: Size,
  [keptHeight, keptWidth]: Size,
): readonly [top: number, left: number] {
  return [roundedHalf(height - keptHeight), roundedHalf(width - keptWidth)]
}

/** Half a whole number, rounded to the even neighbour as by Python's `round`. */
function roundedHalf(value: number): number {
  return value % 2 === 0 ? value / 2 : 2 * Math.round(value / 4)
}

function checkPixelsExist(where: string, name: string, shape: readonly number[]): void {
  if (!shape.includes(0)) return
  throw new TabError('INVALID_ARGUMENT', { where, expected: `${name} must have pixels`, actual: formatShape(shape) })
}

function checkSize(where: string, [height, width]: Size): void {
  checkNumber(where, 'height', height, { integer: true, minimum: 1 })
  checkNumber(where, 'width', width, { integer: true, minimum: 1 })
}

interface Kernel {
  readonly start: number
  readonly weights: Float64Array
}

const RADIUS = { bilinear: 1, lanczos: 3 } as const

/** The weights of the source pixels of each output pixel. */
function kernels(from: number, to: number, filter: ResizeFilter): Kernel[] {
  const scale = from / to
  const stretch = Math.max(1, scale)
  const support = RADIUS[filter] * stretch
  const kernel = filter === 'bilinear' ? triangle : lanczos3
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale
    const start = Math.max(0, Math.floor(centre - support + 0.5))
    const end = Math.min(from, Math.floor(centre + support + 0.5))
    const weights = Float64Array.from({ length: end - start }, (_, i) => kernel((start + i + 0.5 - centre) / stretch))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { start, weights: weights.map((weight) => weight / sum) }
  })
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x))
}

function lanczos3(x: number): number {
  return Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0
}

function sinc(x: number): number {
  if (x === 0) return 1
  const angle = portableMath.PI * x
  return portableMath.sin(angle) / angle
}
