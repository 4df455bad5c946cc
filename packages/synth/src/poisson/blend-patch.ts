import { checkNumber, TabError } from '@tab/core'
import type { Pixels } from '../image/bilinear.ts'
import { poissonSolver } from './solve-poisson.ts'

/** The gradients that the blend keeps: those of the patch, or at each step the stronger of patch and image. */
export type Gradients = 'source' | 'mixed'

/**
 * Poisson image editing (Perez, Gangnet & Blake 2003) on a rectangle: the wanted gradients inside, the image's values on the ring
 * around it.
 * @param pixels [H*W*3], changed inside the rectangle
 * @param top the row of the first pixel inside; a ring of one pixel around the rectangle must be in the image
 * @param left the column of that pixel
 * @param patch [rows+2, columns+2, 3]: the rectangle with its ring
 * @throws INVALID_ARGUMENT for a patch without an inside, a ring beyond the image, or values outside [0,1]
 * @example
 * ```ts
 * import { blendPatch } from '@tab/synth'
 * const grey = new Float32Array(8 * 8 * 3).fill(0.5)
 * const patch = { height: 4, width: 4, data: Float32Array.from({ length: 48 }, (_, i) => (i >= 15 && i < 18 ? 0.6 : 0.2)) }
 * blendPatch(grey, 8, 3, 3, patch, 'source')
 * console.log(grey[(3 * 8 + 3) * 3]?.toFixed(2), grey[0]) // 0.90 0.5
 * ```
 */
export function blendPatch(
  pixels: Float32Array,
  width: number,
  top: number,
  left: number,
  patch: Pixels,
  gradients: Gradients,
): void {
  checkPlace(pixels, width, top, left, patch)
  const [rows, columns] = [patch.height - 2, patch.width - 2]
  const stride = columns + 2
  const solver = poissonSolver(rows, columns)
  const field = new Float64Array(patch.height * stride)
  const source = new Float64Array(field.length)
  const divergence = new Float64Array(rows * columns)
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0, at = 0; y < patch.height; y++) {
      let pixel = ((top + y - 1) * width + left - 1) * 3 + channel
      for (let x = 0; x < stride; x++, at++, pixel += 3) {
        const [below, above] = [pixels[pixel] as number, patch.data[at * 3 + channel] as number]
        if (!(below >= 0 && below <= 1 && above >= 0 && above <= 1))
          refuseValue(below >= 0 && below <= 1 ? above : below)
        field[at] = below
        source[at] = above
      }
    }
    for (let y = 0; y < rows; y++) {
      for (let x = 0, at = (y + 1) * stride + 1; x < columns; x++, at++) {
        divergence[y * columns + x] =
          gradients === 'source'
            ? laplacian(source, at, stride)
            : stronger(source, field, at, at - stride) +
              stronger(source, field, at, at + stride) +
              stronger(source, field, at, at - 1) +
              stronger(source, field, at, at + 1)
      }
    }
    solver.solve(field, divergence)
    for (let y = 0; y < rows; y++) {
      let pixel = ((top + y) * width + left) * 3 + channel
      for (let at = (y + 1) * stride + 1, end = at + columns; at < end; at++, pixel += 3) {
        const value = field[at] as number
        pixels[pixel] = value < 0 ? 0 : value > 1 ? 1 : value
      }
    }
  }
}

function checkPlace(pixels: Float32Array, width: number, top: number, left: number, patch: Pixels): void {
  const where = 'blendPatch'
  checkNumber(where, 'width', width, { integer: true, minimum: 3 })
  const height = pixels.length / 3 / width
  checkNumber(where, 'height (by the number of pixels)', height, { integer: true, minimum: 3 })
  checkNumber(where, 'patch height', patch.height, { integer: true, minimum: 3, maximum: height })
  checkNumber(where, 'patch width', patch.width, { integer: true, minimum: 3, maximum: width })
  checkNumber(where, 'number of values of the patch', patch.data.length, {
    minimum: patch.height * patch.width * 3,
    maximum: patch.height * patch.width * 3,
  })
  checkNumber(where, 'top', top, { integer: true, minimum: 1, maximum: height - patch.height + 1 })
  checkNumber(where, 'left', left, { integer: true, minimum: 1, maximum: width - patch.width + 1 })
}

function refuseValue(value: number): never {
  const expected = 'image and patch values must be in [0,1]'
  throw new TabError('INVALID_ARGUMENT', { where: 'blendPatch', expected, actual: String(value) })
}

function laplacian(values: Float64Array, at: number, stride: number): number {
  return (
    (values[at - stride] as number) +
    (values[at + stride] as number) +
    (values[at - 1] as number) +
    (values[at + 1] as number) -
    4 * (values[at] as number)
  )
}

/** The step from one place to a neighbour, in the source or in the image, whichever is larger. */
function stronger(source: Float64Array, image: Float64Array, at: number, next: number): number {
  const a = (source[next] as number) - (source[at] as number)
  const b = (image[next] as number) - (image[at] as number)
  return Math.abs(a) >= Math.abs(b) ? a : b
}
