import { sizeOf, tensor, type Tensor } from '@tab/core'

/** torchvision's filters [out,in,height,width] as engines with channels last want them: [height,width,in,out]. */
export function toChannelsLast({ shape, data }: Tensor): Tensor {
  const [outputs, inputs, height, width] = shape as [number, number, number, number]
  return permuted(data, [outputs, inputs, height, width], [2, 3, 1, 0])
}

/** The inverse of {@link toChannelsLast}. */
export function toChannelsFirst({ shape, data }: Tensor): Tensor {
  return permuted(data, shape as [number, number, number, number], [3, 2, 0, 1])
}

function permuted(data: Float32Array, shape: readonly number[], axes: readonly number[]): Tensor {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
  const target = axes.map((axis) => shape[axis] as number)
  const steps = axes.map((axis) => strides[axis] as number)
  const result = new Float32Array(data.length)
  let next = 0
  const walk = (axis: number, offset: number): void => {
    const step = steps[axis] as number
    for (let i = 0, at = offset; i < (target[axis] as number); i++, at += step) {
      if (axis === 3) result[next++] = data[at] as number
      else walk(axis + 1, at)
    }
  }
  walk(0, 0)
  return tensor(target, result)
}
