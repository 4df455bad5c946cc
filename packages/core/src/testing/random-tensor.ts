import { createRng } from '../rng.ts'
import { sizeOf, tensor, type Tensor } from '../tensor.ts'

/**
 * Uniform values in [minimum, maximum) from a seed.
 * @example
 * ```ts
 * import { randomTensor } from '@tab/core/testing'
 * const images = randomTensor('images', [2, 32, 32, 3])
 * console.log(images.shape, images.data.every((value) => value >= 0 && value < 1)) // [ 2, 32, 32, 3 ] true
 * ```
 */
export function randomTensor(seed: string, shape: readonly number[], minimum = 0, maximum = 1): Tensor {
  const rng = createRng(seed)
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => minimum + (maximum - minimum) * rng()),
  )
}

/**
 * The images `from` to `to - 1` of a batch.
 * @example
 * ```ts
 * import { randomTensor, sliceBatch } from '@tab/core/testing'
 * console.log(sliceBatch(randomTensor('images', [5, 32, 32, 3]), 1, 3).shape) // [ 2, 32, 32, 3 ]
 * ```
 */
export function sliceBatch(images: Tensor, from: number, to: number): Tensor {
  const [, ...rest] = images.shape
  const stride = sizeOf(rest)
  return tensor([to - from, ...rest], images.data.slice(from * stride, to * stride))
}
