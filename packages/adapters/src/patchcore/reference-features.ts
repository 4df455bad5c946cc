import { assertTensor, tensor, type Tensor } from '@tab/core'
import { joinLayers, type PatchFeatures } from '../features/join-layers.ts'

/** Length of a patch vector, both per layer and in total. */
const LENGTH = 1024

/**
 * Patch features as in the paper's reference implementation (amazon-science/patchcore-inspection fcaa92f): the zero-padded 3x3
 * neighbourhood of every position is flattened channel by channel and averaged adaptively to 1024 values; deeper layers are resized
 * bilinearly to the grid of the first; the values of all layers are concatenated and again averaged adaptively to 1024. (That code
 * resizes before it averages; both are linear and act on different axes, so their order does not matter.)
 * @param features [N,h,w,C] of each layer, the finest grid first
 * @throws INVALID_ARGUMENT without layers, for another shape, or for a layer with a finer grid than the first
 * @example
 * ```ts
 * import { referencePatchFeatures } from '@tab/adapters'
 * import { tensor } from '@tab/core'
 *
 * const fine = tensor([1, 4, 4, 2], new Float32Array(32).fill(1))
 * const deep = tensor([1, 2, 2, 3], new Float32Array(12).fill(1))
 * console.log(referencePatchFeatures([fine, deep]).vectors.shape) // [ 16, 1024 ]
 * ```
 */
export function referencePatchFeatures(features: readonly Tensor[]): PatchFeatures {
  const joined = joinLayers('patchCore', features.map(averageNeighbourhoods))
  const layers = features.length
  if (layers === 1) return joined
  const rows = joined.vectors.shape[0] as number
  const vectors = new Float32Array(rows * LENGTH)
  // layers x 1024 to 1024: bins of exactly `layers` values.
  for (let i = 0; i < vectors.length; i++) {
    let sum = 0
    for (let j = i * layers; j < (i + 1) * layers; j++) sum += joined.vectors.data[j] as number
    vectors[i] = sum / layers
  }
  return { ...joined, vectors: tensor([rows, LENGTH], vectors) }
}

/** Unfolds 3x3 neighbourhoods [N,h,w,C*9] and averages them to [N,h,w,1024] like torch's adaptive_avg_pool1d. */
function averageNeighbourhoods(features: Tensor): Tensor {
  assertTensor('referencePatchFeatures', 'features', features, ['N', 'h', 'w', 'C'])
  const { shape, data } = features
  const [count, height, width, channels] = shape as [number, number, number, number]
  const unfolded = new Float64Array(channels * 9)
  const result = new Float32Array(count * height * width * LENGTH)
  const bins = Array.from({ length: LENGTH }, (_, bin) => ({
    start: Math.floor((bin * unfolded.length) / LENGTH),
    end: Math.ceil(((bin + 1) * unfolded.length) / LENGTH),
  }))
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let tap = 0; tap < 9; tap++) {
          const [row, column] = [y + Math.floor(tap / 3) - 1, x + (tap % 3) - 1]
          const inside = row >= 0 && row < height && column >= 0 && column < width
          const from = ((image * height + row) * width + column) * channels
          for (let c = 0; c < channels; c++) unfolded[c * 9 + tap] = inside ? (data[from + c] as number) : 0
        }
        const at = ((image * height + y) * width + x) * LENGTH
        bins.forEach(({ start, end }, bin) => {
          let sum = 0
          for (let i = start; i < end; i++) sum += unfolded[i] as number
          result[at + bin] = sum / (end - start)
        })
      }
    }
  }
  return tensor([count, height, width, LENGTH], result)
}
