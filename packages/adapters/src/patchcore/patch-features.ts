import { TabError, tensor, type Tensor } from '@tab/core'

/** Descriptors of all patches of a batch, and the grid they lie on. */
export interface PatchFeatures {
  /** [N * height * width, D], image by image, row by row. */
  readonly vectors: Tensor
  readonly height: number
  readonly width: number
}

/**
 * Locally aware patch features (Roth et al. 2022, section 3.1; "concatenated" flavour of anomalib 2.x): every layer is averaged
 * over 3x3 neighbourhoods (stride 1, zeros outside counted), deeper layers are resized bilinearly to the grid of the first,
 * and the channels are joined.
 * @param features [N,h,w,C] of each layer, the finest grid first
 */
export function patchFeatures(features: readonly Tensor[]): PatchFeatures {
  const [first] = features as [Tensor]
  const [count, height, width] = first.shape as [number, number, number, number]
  const dimension = features.reduce((sum, { shape }) => sum + (shape[3] as number), 0)
  const vectors = new Float32Array(count * height * width * dimension)
  let offset = 0
  for (const layer of features) {
    writeResized(averagePool3x3(layer), vectors, { height, width, dimension, offset })
    offset += layer.shape[3] as number
  }
  return { vectors: tensor([count * height * width, dimension], vectors), height, width }
}

/**
 * Mean over the 3x3 neighbourhood of each position; what lies outside counts as 0 and is counted, as torch's AvgPool2d(3, 1, 1).
 * @param features [N,h,w,C]
 */
export function averagePool3x3({ shape, data }: Tensor): Tensor {
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

interface Target {
  readonly height: number
  readonly width: number
  readonly dimension: number
  readonly offset: number
}

/** Resizes bilinearly (pixel centres aligned, as torch's align_corners=False) into a range of the channels of `vectors`. */
function writeResized({ shape, data }: Tensor, vectors: Float32Array, target: Target): void {
  const [count, fromHeight, fromWidth, channels] = shape as [number, number, number, number]
  const { height, width, dimension, offset } = target
  if (fromHeight > height || fromWidth > width) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'patchCore',
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
