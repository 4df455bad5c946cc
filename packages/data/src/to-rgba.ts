import { assertImage, type Tensor } from '@tab/core'

/**
 * An image as opaque 8-bit RGBA, which the browser's `ImageData` takes.
 * @param image [H,W,3] in [0,1]
 * @returns [H*W*4]
 * @throws INVALID_ARGUMENT for another shape or values outside [0,1], NUMERICAL for NaN
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { toRgba } from '@tab/data'
 *
 * console.log([...toRgba(tensor([1, 1, 3], Float32Array.of(1, 0.2, 0)))]) // [ 255, 51, 0, 255 ]
 * ```
 */
export function toRgba(image: Tensor): Uint8ClampedArray<ArrayBuffer> {
  assertImage('toRgba', image)
  const { data } = image
  const levels = new Uint8ClampedArray((data.length / 3) * 4)
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    levels[to] = (data[from] as number) * 255
    levels[to + 1] = (data[from + 1] as number) * 255
    levels[to + 2] = (data[from + 2] as number) * 255
    levels[to + 3] = 255
  }
  return levels
}
