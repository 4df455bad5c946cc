import { TabError, tensor, type Tensor } from '@tab/core'

/** Descriptors of all patches of a batch, and the grid they lie on. */
export interface PatchFeatures {
  /** [N * height * width, D], image by image, row by row. */
  readonly vectors: Tensor
  readonly height: number
  readonly width: number
}

/**
 * Layers on the grid of the first: deeper ones resized bilinearly, channels joined.
 * @param features [N,h,w,C] of each layer, the finest grid first
 * @throws INVALID_ARGUMENT for a layer with a finer grid than the first
 */
export function joinLayers(where: string, features: readonly Tensor[]): PatchFeatures {
  const [first] = features as [Tensor]
  const [count, height, width] = first.shape as [number, number, number, number]
  const dimension = features.reduce((sum, { shape }) => sum + (shape[3] as number), 0)
  const vectors = new Float32Array(count * height * width * dimension)
  let offset = 0
  for (const layer of features) {
    writeResized(where, layer, vectors, { height, width, dimension, offset })
    offset += layer.shape[3] as number
  }
  return { vectors: tensor([count * height * width, dimension], vectors), height, width }
}

interface Target {
  readonly height: number
  readonly width: number
  readonly dimension: number
  readonly offset: number
}

/** Resizes bilinearly (pixel centres aligned, as torch's align_corners=False) into a range of the channels of `vectors`. */
function writeResized(where: string, { shape, data }: Tensor, vectors: Float32Array, target: Target): void {
  const [count, fromHeight, fromWidth, channels] = shape as [number, number, number, number]
  const { height, width, dimension, offset } = target
  if (fromHeight > height || fromWidth > width) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `layers from the finest grid on; the first has ${height} x ${width}`,
      actual: `${fromHeight} x ${fromWidth} behind it`,
    })
  }
  const rows = samplePositions(fromHeight, height)
  const columns = samplePositions(fromWidth, width)
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const row = rows[y] as SamplePosition
      for (let x = 0; x < width; x++) {
        const column = columns[x] as SamplePosition
        const top = (image * fromHeight + row.low) * fromWidth
        const bottom = (image * fromHeight + row.high) * fromWidth
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

/** Between which two source positions a target position lies, and how near to the second. */
export interface SamplePosition {
  readonly low: number
  readonly high: number
  readonly share: number
}

/** Source positions of `to` evenly spread targets, centres aligned and clamped at the borders. */
export function samplePositions(from: number, to: number): SamplePosition[] {
  return Array.from({ length: to }, (_, index) => {
    const position = Math.max(0, ((index + 0.5) * from) / to - 0.5)
    const low = Math.min(from - 1, Math.floor(position))
    return { low, high: Math.min(from - 1, low + 1), share: Math.min(1, position - low) }
  })
}
