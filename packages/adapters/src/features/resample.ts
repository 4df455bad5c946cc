import { TabError, type Tensor } from '@tab/core'

/** How deeper layers come to the first one's grid. */
export type Interpolation = 'bilinear' | 'nearest'

/** Between which two source positions a target position lies, and how near to the second. */
export interface SamplePosition {
  readonly low: number
  readonly high: number
  readonly share: number
}

/** Where a layer goes: a range of the channels of vectors on a grid. */
export interface ResampleTarget {
  /** [N * height * width * dimension] */
  readonly vectors: Float32Array
  readonly height: number
  readonly width: number
  readonly dimension: number
  /** First of the channels to write. */
  readonly offset: number
}

/**
 * Brings a layer to the target's grid: bilinearly with pixel centres aligned, as torch's align_corners=False, or by the nearest, as torch's
 * mode 'nearest'.
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
      expected: `layers from the finest grid on; the first has ${height} x ${width}`,
      actual: `${fromHeight} x ${fromWidth} behind it`,
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

/** A layer that lies on the target's grid already. */
function copyChannels(data: Float32Array, channels: number, { vectors, dimension, offset }: ResampleTarget): void {
  for (let from = 0, to = offset; from < data.length; from += channels, to += dimension) {
    for (let c = 0; c < channels; c++) vectors[to + c] = data[from + c] as number
  }
}

/** Source positions of `to` evenly spread targets, centres aligned and clamped at the borders. */
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
