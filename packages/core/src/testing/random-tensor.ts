import { createRng } from '../rng.ts'
import { sizeOf, tensor, type Tensor } from '../tensor.ts'

/** Uniform values in [minimum, maximum) from a seed. */
export function randomTensor(seed: string, shape: readonly number[], minimum = 0, maximum = 1): Tensor {
  const rng = createRng(seed)
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => minimum + (maximum - minimum) * rng()),
  )
}

/** The images `from` to `to - 1` of a batch. */
export function sliceBatch(images: Tensor, from: number, to: number): Tensor {
  const [, ...rest] = images.shape
  const stride = sizeOf(rest)
  return tensor([to - from, ...rest], images.data.slice(from * stride, to * stride))
}
