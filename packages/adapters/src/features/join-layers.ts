import { assertTensor, TabError, tensor, type Tensor } from '@tab/core'
import { resample } from './resample.ts'

/** Feature vectors of all patches of a batch, and the size of their grid. */
export interface PatchFeatures {
  /** [N * height * width, D], image by image, row by row. */
  readonly vectors: Tensor
  readonly height: number
  readonly width: number
}

/**
 * Resizes deeper layers bilinearly to the grid of the first, and concatenates the channels.
 * @param features [N,h,w,C] of each layer, the finest grid first
 * @throws INVALID_ARGUMENT without layers, for another shape, or for a layer with a finer grid than the first
 */
export function joinLayers(where: string, features: readonly Tensor[]): PatchFeatures {
  for (const [index, layer] of features.entries()) {
    assertTensor(where, `features[${index}]`, layer, [features[0]?.shape[0] ?? 'N', 'h', 'w', 'C'])
  }
  const [first] = features
  if (!first)
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'features of at least one layer', actual: 'none' })
  const [count, height, width] = first.shape as [number, number, number]
  const dimension = features.reduce((sum, { shape }) => sum + (shape[3] as number), 0)
  const vectors = new Float32Array(count * height * width * dimension)
  let offset = 0
  for (const layer of features) {
    resample(where, layer, { vectors, height, width, dimension, offset }, 'bilinear')
    offset += layer.shape[3] as number
  }
  return { vectors: tensor([count * height * width, dimension], vectors), height, width }
}
