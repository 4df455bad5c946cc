import { tensor, type Tensor } from '@tab/core'
import { resample, type Interpolation } from '../features/resample.ts'

/** The drawn channels of a batch, and the size of their grid. */
export interface DrawnFeatures {
  /** [N, height * width, D] */
  readonly vectors: Tensor
  readonly height: number
  readonly width: number
}

/**
 * Puts the drawn channels of several layers on the grid of the first; only drawn channels are resized.
 * @param features [N,h,w,C] of each layer, the finest grid first
 * @param channels ascending indices into the concatenated channels of all layers
 * @throws INVALID_ARGUMENT for a layer with a finer grid than the first
 */
export function drawnFeatures(
  where: string,
  features: readonly Tensor[],
  channels: Int32Array,
  interpolation: Interpolation,
): DrawnFeatures {
  const [first] = features as [Tensor]
  const [count, height, width] = first.shape as [number, number, number]
  const dimension = channels.length
  const vectors = new Float32Array(count * height * width * dimension)
  let [before, offset] = [0, 0]
  for (const layer of features) {
    const total = layer.shape[3] as number
    const own = channels.filter((channel) => channel >= before && channel < before + total).map((c) => c - before)
    resample(where, chosen(layer, own), { vectors, height, width, dimension, offset }, interpolation)
    before += total
    offset += own.length
  }
  return { vectors: tensor([count, height * width, dimension], vectors), height, width }
}

/** The chosen channels of every vector. */
function chosen({ shape, data }: Tensor, channels: Int32Array): Tensor {
  const total = shape[3] as number
  const count = data.length / total
  const result = new Float32Array(count * channels.length)
  for (let row = 0, at = 0; row < count; row++) {
    for (let i = 0; i < channels.length; i++, at++) result[at] = data[row * total + (channels[i] as number)] as number
  }
  return tensor([...shape.slice(0, 3), channels.length], result)
}
