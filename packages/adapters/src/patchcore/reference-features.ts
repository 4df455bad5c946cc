import { assertTensor, tensor, type Tensor } from '@tab/core'
import { joinLayers, type PatchFeatures } from '../features/join-layers.ts'

/** Length of a patch descriptor, of each layer and in all. */
const LENGTH = 1024

/**
 * Patch features as the paper's reference implementation makes them (amazon-science/patchcore-inspection fcaa92f): the 3x3
 * neighbourhood of every position, zeros outside, flattened channel by channel and averaged adaptively to 1024 values; deeper
 * layers resized bilinearly to the grid of the first; the layers' values one behind the other, averaged adaptively to 1024 again.
 * (That code resizes before it averages; both are linear and act on different axes, so their order does not matter.)
 * @param features [N,h,w,C] of each layer, the finest grid first
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

/** Unfolded 3x3 neighbourhoods [N,h,w,C*9], averaged as torch's adaptive_avg_pool1d to [N,h,w,1024]. */
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
