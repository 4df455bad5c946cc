import { TabError, type Tensor } from '@tab/core'

/** How deeper layers are resized to the grid of the first. */
export type Interpolation = 'bilinear' | 'nearest'

/** The two source positions around a target position, and the weight of the second. */
export interface SamplePosition {
  readonly low: number
  readonly high: number
  readonly share: number
}

/** Where a layer is written: a range of channels of the vectors on a grid. */
export interface ResampleTarget {
  /** [N * height * width * dimension] */
  readonly vectors: Float32Array
  readonly height: number
  readonly width: number
  readonly dimension: number
  /** First channel to write. */
  readonly offset: number
}

/**
 * Resizes a layer to the target's grid: bilinearly with pixel centres aligned (torch's align_corners=False), or by nearest neighbour
 * (torch's mode 'nearest').
 * @param layer [N,h,w,C]
 * @throws INVALID_ARGUMENT for a layer with a finer grid than the target's
 */
export function resample(
  where: string,
  { shape, data }: Tensor,
  target: ResampleTarget,
  interpolation: Interpolation,
): void {
  const [count, fromHeight, fromWidth, channels] = shape as [number, number, number, number]
  const { vectors, height, width, dimension, offset } = target
  if (fromHeight > height || fromWidth > width) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `layers in order, the finest grid first; the first has ${height} x ${width}`,
      actual: `${fromHeight} x ${fromWidth} after it`,
    })
  }
  if (fromHeight === height && fromWidth === width) {
    copyChannels(data, channels, target)
    return
  }
  const positionsOf = interpolation === 'nearest' ? nearestPositions : samplePositions
  const rows = positionsOf(fromHeight, height)
  const columns = positionsOf(fromWidth, width)
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const row = rows[y] as SamplePosition
      const top = (image * fromHeight + row.low) * fromWidth
      const bottom = (image * fromHeight + row.high) * fromWidth
      for (let x = 0; x < width; x++) {
        const column = columns[x] as SamplePosition
        const topLeft = (top + column.low) * channels
        const topRight = (top + column.high) * channels
        const bottomLeft = (bottom + column.low) * channels
        const bottomRight = (bottom + column.high) * channels
        const w11 = row.share * column.share
        const w10 = row.share - w11
        const w01 = column.share - w11
        const w00 = 1 - row.share - w01
        const at = ((image * height + y) * width + x) * dimension + offset
        for (let c = 0; c < channels; c++) {
          vectors[at + c] =
            w00 * (data[topLeft + c] as number) +
            w01 * (data[topRight + c] as number) +
            w10 * (data[bottomLeft + c] as number) +
            w11 * (data[bottomRight + c] as number)
        }
      }
    }
  }
}

/** Copies a layer that is already on the target's grid. */
function copyChannels(data: Float32Array, channels: number, { vectors, dimension, offset }: ResampleTarget): void {
  for (let from = 0, to = offset; from < data.length; from += channels, to += dimension) {
    for (let c = 0; c < channels; c++) vectors[to + c] = data[from + c] as number
  }
}

/** Source positions of `to` evenly spaced targets, centres aligned, clamped at the borders. */
export function samplePositions(from: number, to: number): SamplePosition[] {
  return Array.from({ length: to }, (_, index) => {
    const position = Math.max(0, ((index + 0.5) * from) / to - 0.5)
    const low = Math.min(from - 1, Math.floor(position))
    return { low, high: Math.min(from - 1, low + 1), share: Math.min(1, position - low) }
  })
}

function nearestPositions(from: number, to: number): SamplePosition[] {
  return Array.from({ length: to }, (_, index) => {
    const nearest = Math.floor((index * from) / to)
    return { low: nearest, high: nearest, share: 0 }
  })
}
