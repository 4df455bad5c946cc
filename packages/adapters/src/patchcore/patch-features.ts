import { assertTensor, tensor, type Tensor } from '@tab/core'
import { joinLayers, type PatchFeatures } from '../features/join-layers.ts'

/**
 * Locally aware patch features (Roth et al. 2022, section 3.1; the "concatenated" variant of anomalib 2.x): every layer is averaged
 * over 3x3 neighbourhoods (stride 1, zero padding included), deeper layers are resized bilinearly to the grid of the first, and the
 * channels are concatenated.
 * @param features [N,h,w,C] of each layer, the finest grid first
 * @throws INVALID_ARGUMENT without layers, for another shape, or for a layer with a finer grid than the first
 * @example
 * ```ts
 * import { patchFeatures } from '@tab/adapters'
 * import { tensor } from '@tab/core'
 *
 * const fine = tensor([1, 4, 4, 2], new Float32Array(32).fill(1))
 * const deep = tensor([1, 2, 2, 3], new Float32Array(12).fill(1))
 * const { vectors, height, width } = patchFeatures([fine, deep])
 * console.log(vectors.shape, height, width) // [ 16, 5 ] 4 4
 * ```
 */
export function patchFeatures(features: readonly Tensor[]): PatchFeatures {
  return joinLayers('patchCore', features.map(averagePool3x3))
}

/**
 * Mean over the 3x3 neighbourhood of each position, zero padding included, like torch's AvgPool2d(3, 1, 1).
 * @param features [N,h,w,C]
 */
function averagePool3x3(features: Tensor): Tensor {
  assertTensor('patchFeatures', 'features', features, ['N', 'h', 'w', 'C'])
  const { shape, data } = features
  const [count, height, width, channels] = shape as [number, number, number, number]
  const rowLength = width * channels
  const vertical = new Float32Array(rowLength)
  const result = new Float32Array(data.length)
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const row = (image * height + y) * rowLength
      const above = y > 0 ? row - rowLength : -1
      const below = y + 1 < height ? row + rowLength : -1
      for (let i = 0; i < rowLength; i++) {
        let sum = data[row + i] as number
        if (above >= 0) sum += data[above + i] as number
        if (below >= 0) sum += data[below + i] as number
        vertical[i] = sum
      }
      for (let i = 0; i < rowLength; i++) {
        let sum = vertical[i] as number
        if (i >= channels) sum += vertical[i - channels] as number
        if (i + channels < rowLength) sum += vertical[i + channels] as number
        result[row + i] = sum / 9
      }
    }
  }
  return tensor(shape, result)
}
