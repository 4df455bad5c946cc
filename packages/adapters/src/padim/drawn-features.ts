import { assertTensor, TabError, tensor, type Tensor } from '@tab/core'
import { samplePositions, type SamplePosition } from '../join-layers.ts'

/** How deeper layers come to the first one's grid. */
export type Interpolation = 'bilinear' | 'nearest'

/** The drawn channels of a batch, and the grid they lie on. */
export interface DrawnFeatures {
  /** [N, height * width, D] */
  readonly vectors: Tensor
  readonly height: number
  readonly width: number
}

/**
 * The drawn channels of several layers on the grid of the first: only what was drawn is resized, bilinearly (pixel centres
 * aligned, as torch's align_corners=False) or by the nearest (as torch's mode 'nearest').
 * @param features [N,h,w,C] of each layer, the finest grid first
 * @param channels ascending, among the channels of all layers joined
 * @throws INVALID_ARGUMENT for a layer with a finer grid than the first, NUMERICAL for features that are not finite
 */
export function drawnFeatures(
  where: string,
  features: readonly Tensor[],
  channels: Int32Array,
  interpolation: Interpolation,
): DrawnFeatures {
  const [first] = features as [Tensor]
  const [count, height, width] = first.shape as [number, number, number]
  const vectors = new Float32Array(count * height * width * channels.length)
  let [before, drawn] = [0, 0]
  for (const { shape, data } of features) {
    const [, h, w, total] = shape as [number, number, number, number]
    if (h > height || w > width) {
      throw new TabError('INVALID_ARGUMENT', {
        where,
        expected: `layers from the finest grid on; the first has ${height} x ${width}`,
        actual: `${h} x ${w} behind it`,
      })
    }
    const own = channels.filter((channel) => channel >= before && channel < before + total).map((c) => c - before)
    const layer = { height: h, width: w, channels: own.length, data: chosen(data, total, own) }
    const target = { vectors, height, width, dimension: channels.length, offset: drawn }
    if (own.length > 0) writeResized(layer, target, count, interpolation)
    before += total
    drawn += own.length
  }
  assertFinite(where, vectors, height * width * channels.length)
  return { vectors: tensor([count, height * width, channels.length], vectors), height, width }
}

/**
 * The features of the layers asked for, in their order.
 * @throws NOT_FOUND for a layer that the extractor did not return, INVALID_ARGUMENT for one of another shape than [N,h,w,C]
 */
export function layersOf(
  where: string,
  features: ReadonlyMap<string, Tensor>,
  layers: readonly string[],
  count: number,
): Tensor[] {
  return layers.map((name) => {
    const layer = features.get(name)
    if (!layer) {
      const actual = [...features.keys()].join(', ') || 'none'
      throw new TabError('NOT_FOUND', { where, expected: `the extractor to return ${name}`, actual })
    }
    assertTensor(where, `features of ${name}`, layer, [count, 'h', 'w', 'C'])
    return layer
  })
}

/** The chosen of `total` channels of every vector. */
function chosen(data: Float32Array, total: number, channels: Int32Array): Float32Array {
  const count = data.length / total
  const result = new Float32Array(count * channels.length)
  for (let row = 0, at = 0; row < count; row++) {
    for (let i = 0; i < channels.length; i++, at++) result[at] = data[row * total + (channels[i] as number)] as number
  }
  return result
}

interface Layer {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: Float32Array
}

interface Target {
  readonly vectors: Float32Array
  readonly height: number
  readonly width: number
  readonly dimension: number
  /** First of the channels to write. */
  readonly offset: number
}

function writeResized(layer: Layer, target: Target, count: number, interpolation: Interpolation): void {
  const { data, channels } = layer
  const { vectors, height, width, dimension, offset } = target
  const positionsOf = interpolation === 'nearest' ? nearestPositions : samplePositions
  const rows = positionsOf(layer.height, height)
  const columns = positionsOf(layer.width, width)
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const row = rows[y] as SamplePosition
      const top = (image * layer.height + row.low) * layer.width
      const bottom = (image * layer.height + row.high) * layer.width
      for (let x = 0; x < width; x++) {
        const column = columns[x] as SamplePosition
        const [a, b] = [(top + column.low) * channels, (top + column.high) * channels]
        const [c, d] = [(bottom + column.low) * channels, (bottom + column.high) * channels]
        const wd = row.share * column.share
        const wc = row.share - wd
        const wb = column.share - wd
        const wa = 1 - row.share - wb
        const at = ((image * height + y) * width + x) * dimension + offset
        for (let i = 0; i < channels; i++) {
          vectors[at + i] =
            wa * (data[a + i] as number) +
            wb * (data[b + i] as number) +
            wc * (data[c + i] as number) +
            wd * (data[d + i] as number)
        }
      }
    }
  }
}

function nearestPositions(from: number, to: number): SamplePosition[] {
  return Array.from({ length: to }, (_, index) => {
    const nearest = Math.floor((index * from) / to)
    return { low: nearest, high: nearest, share: 0 }
  })
}

function assertFinite(where: string, vectors: Float32Array, perImage: number): void {
  for (let at = 0; at < vectors.length; at++) {
    if (Number.isFinite(vectors[at] as number)) continue
    const actual = `${vectors[at]} for image ${Math.floor(at / perImage)} of the batch`
    throw new TabError('NUMERICAL', { where, expected: 'features from the extractor must be finite', actual })
  }
}
