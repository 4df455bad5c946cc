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

function permuted(
  data: Float32Array,
  shape: readonly number[],
  axes: readonly [number, number, number, number],
): Tensor {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
  const target = axes.map((axis) => shape[axis] as number) as [number, number, number, number]
  const [step0, step1, step2, step3] = axes.map((axis) => strides[axis] as number) as typeof target
  const [size0, size1, size2, size3] = target
  const result = new Float32Array(data.length)
  let next = 0
  for (let i = 0; i < size0; i++) {
    for (let j = 0; j < size1; j++) {
      for (let k = 0; k < size2; k++) {
        const start = i * step0 + j * step1 + k * step2
        for (let l = 0; l < size3; l++) result[next++] = data[start + l * step3] as number
      }
    }
  }
  return tensor(target, result)
}
