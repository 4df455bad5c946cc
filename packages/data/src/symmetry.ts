import { assertPixels, TabError, type Tensor } from '@tab/core'

/**
 * The symmetries of a square except the identity: counter-clockwise turns in degrees, mirrorings left to right and top to bottom, and
 * mirrorings on the diagonals (`transpose` keeps the upper left corner, `antitranspose` the upper right).
 */
export const SYMMETRIES = [
  'rotate90',
  'rotate180',
  'rotate270',
  'flipHorizontal',
  'flipVertical',
  'transpose',
  'antitranspose',
] as const

export type Symmetry = (typeof SYMMETRIES)[number]

/** Whether a symmetry swaps height and width. */
export function exchangesSides(symmetry: Symmetry): boolean {
  return ['rotate90', 'rotate270', 'transpose', 'antitranspose'].includes(symmetry)
}

/**
 * Turns or mirrors an image exactly: pixels move and are not resampled.
 * @param image [H,W,C], a mask [H,W], or a batch of images [N,H,W,C]
 * @returns the same type; quarter turns and mirrorings on a diagonal swap height and width
 * @throws INVALID_ARGUMENT for another rank, image values outside [0,1] or an unknown name
 * @example
 * ```ts
 * import { tensorOf } from '@tab/core'
 * import { applySymmetry } from '@tab/data'
 * const mask = tensorOf('uint8', [1, 3], Uint8Array.of(1, 0, 0))
 * console.log(applySymmetry(mask, 'flipHorizontal').data, applySymmetry(mask, 'rotate90').shape) // Uint8Array(3) [ 0, 0, 1 ] [ 3, 1 ]
 * ```
 */
export function applySymmetry<D extends 'float32' | 'uint8'>(image: Tensor<D>, symmetry: Symmetry): Tensor<D> {
  const where = 'applySymmetry'
  const { shape } = image
  if (!SYMMETRIES.includes(symmetry)) {
    const expected = `symmetry must be one of ${SYMMETRIES.join(', ')}`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: JSON.stringify(symmetry) })
  }
  if (shape.length < 2 || shape.length > 4) {
    const expected = 'image must be [H,W,C], [H,W] or [N,H,W,C]'
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: `[${shape.join(',')}]` })
  }
  if (image.dtype === 'float32') assertPixels(where, image.data as Float32Array)
  const [count, height, width, channels] = (shape.length === 4 ? shape : [1, shape[0], shape[1], shape[2] ?? 1]) as [
    number,
    number,
    number,
    number,
  ]
  const [outHeight, outWidth] = exchangesSides(symmetry) ? [width, height] : [height, width]
  const source = SOURCES[symmetry]
  const data = image.data.slice() as Float32Array
  for (let n = 0; n < count; n++) {
    const base = n * height * width
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        const from = (base + source(y, x, height, width)) * channels
        const to = (base + y * outWidth + x) * channels
        for (let c = 0; c < channels; c++) data[to + c] = image.data[from + c] as number
      }
    }
  }
  const inner = shape.length === 2 ? [outHeight, outWidth] : [outHeight, outWidth, channels]
  return { dtype: image.dtype, shape: shape.length === 4 ? [count, ...inner] : inner, data } as unknown as Tensor<D>
}

/** The index of the pixel of an image of `height` x `width` that moves to row y, column x. */
type Source = (y: number, x: number, height: number, width: number) => number

const SOURCES: Readonly<Record<Symmetry, Source>> = {
  rotate90: (y, x, _, width) => x * width + (width - 1 - y),
  rotate180: (y, x, height, width) => (height - 1 - y) * width + (width - 1 - x),
  rotate270: (y, x, height, width) => (height - 1 - x) * width + y,
  flipHorizontal: (y, x, _, width) => y * width + (width - 1 - x),
  flipVertical: (y, x, height, width) => (height - 1 - y) * width + x,
  transpose: (y, x, _, width) => x * width + y,
  antitranspose: (y, x, height, width) => (height - 1 - x) * width + (width - 1 - y),
}
