import { sizeOf, tensor, type Tensor } from '@tab/core'

export interface Geometry {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly inputs: number
  readonly outputs: number
  readonly kernelHeight: number
  readonly kernelWidth: number
  readonly stride: number
  /** top, bottom, left, right */
  readonly pads: readonly number[]
}

/** Calls `visit` for every output pixel and every tap that falls on the image. */
function forEachTap(
  geometry: Geometry,
  outShape: readonly number[],
  visit: (n: number, y: number, x: number, i: number, j: number, row: number, column: number) => void,
): void {
  const { height, width, kernelHeight, kernelWidth, stride, pads } = geometry
  const [batch, outHeight, outWidth] = outShape as [number, number, number]
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        for (let i = 0; i < kernelHeight; i++) {
          for (let j = 0; j < kernelWidth; j++) {
            const row = y * stride + i - (pads[0] as number)
            const column = x * stride + j - (pads[2] as number)
            if (row >= 0 && row < height && column >= 0 && column < width) visit(n, y, x, i, j, row, column)
          }
        }
      }
    }
  }
}

/** Gradients of a convolution by the definition: every product of the forward sum gives to both sides. */
export function literalConvolutionGradients(
  geometry: Geometry,
  x: Tensor,
  filter: Tensor,
  dy: Tensor,
): { byInput: Tensor; byFilter: Tensor } {
  const { inputs, outputs, height, width, kernelWidth } = geometry
  const [, outHeight, outWidth] = dy.shape as [number, number, number]
  const byInput = new Float64Array(sizeOf(x.shape))
  const byFilter = new Float64Array(sizeOf(filter.shape))
  forEachTap(geometry, dy.shape, (n, y, column, i, j, row, inColumn) => {
    for (let o = 0; o < outputs; o++) {
      const gradient = dy.data[((n * outHeight + y) * outWidth + column) * outputs + o] as number
      for (let c = 0; c < inputs; c++) {
        const atInput = ((n * height + row) * width + inColumn) * inputs + c
        const atFilter = ((i * kernelWidth + j) * inputs + c) * outputs + o
        byInput[atInput] = (byInput[atInput] as number) + gradient * (filter.data[atFilter] as number)
        byFilter[atFilter] = (byFilter[atFilter] as number) + gradient * (x.data[atInput] as number)
      }
    }
  })
  return {
    byInput: tensor(x.shape, Float32Array.from(byInput)),
    byFilter: tensor(filter.shape, Float32Array.from(byFilter)),
  }
}

/** Gradient of max-pooling by the definition: all of an output's gradient goes to the last of its maxima. */
export function literalMaxPoolGradient(geometry: Geometry, x: Tensor, dy: Tensor): Tensor {
  const { height, width, inputs } = geometry
  const [, outHeight, outWidth] = dy.shape as [number, number, number]
  const winners = new Int32Array(dy.data.length).fill(-1)
  forEachTap(geometry, dy.shape, (n, y, column, _i, _j, row, inColumn) => {
    for (let c = 0; c < inputs; c++) {
      const at = ((n * height + row) * width + inColumn) * inputs + c
      const out = ((n * outHeight + y) * outWidth + column) * inputs + c
      const best = winners[out] as number
      if (best < 0 || (x.data[at] as number) >= (x.data[best] as number)) winners[out] = at
    }
  })
  const gradient = new Float32Array(x.data.length)
  winners.forEach((at, out) => {
    if (at >= 0) gradient[at] = (gradient[at] as number) + (dy.data[out] as number)
  })
  return tensor(x.shape, gradient)
}
