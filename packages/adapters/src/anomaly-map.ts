import { tensor, type Tensor } from '@tab/core'
import { samplePositions, type SamplePosition } from './join-layers.ts'

/**
 * Anomaly maps in input pixels from patch scores: bilinear resize, then a Gaussian as scipy's `gaussian_filter` (mode
 * `reflect`, truncate 4).
 * @param scores [N,h,w]
 * @param size `[height, width]` of the maps
 * @param sigma of the Gaussian in pixels; 0 for none
 * @returns [N,height,width]
 */
export function anomalyMaps(scores: Tensor, size: readonly [number, number], sigma: number): Tensor {
  const [count, fromHeight, fromWidth] = scores.shape as [number, number, number]
  const [height, width] = size
  const area = height * width
  const maps = new Float32Array(count * area)
  const kernel = gaussianKernel(sigma)
  for (let image = 0; image < count; image++) {
    const grid = scores.data.subarray(image * fromHeight * fromWidth, (image + 1) * fromHeight * fromWidth)
    const map = maps.subarray(image * area, (image + 1) * area)
    resize(grid, fromHeight, fromWidth, map, height, width)
    if (sigma > 0) smooth(map, height, width, kernel)
  }
  return tensor([count, height, width], maps)
}

function resize(
  grid: Float32Array,
  fromHeight: number,
  fromWidth: number,
  map: Float32Array,
  height: number,
  width: number,
): void {
  const rows = samplePositions(fromHeight, height)
  const columns = samplePositions(fromWidth, width)
  for (let y = 0; y < height; y++) {
    const { low, high, share } = rows[y] as SamplePosition
    for (let x = 0; x < width; x++) {
      const column = columns[x] as SamplePosition
      const at = (row: number): number =>
        (grid[row * fromWidth + column.low] as number) * (1 - column.share) +
        (grid[row * fromWidth + column.high] as number) * column.share
      map[y * width + x] = at(low) * (1 - share) + at(high) * share
    }
  }
}

/** Half of the kernel from its middle, normalised; scipy's radius, 4 sigma rounded. */
function gaussianKernel(sigma: number): Float64Array {
  const radius = sigma > 0 ? Math.floor(4 * sigma + 0.5) : 0
  const half = Float64Array.from({ length: radius + 1 }, (_, i) =>
    sigma > 0 ? Math.exp((-i * i) / (2 * sigma * sigma)) : 1,
  )
  const sum = half.reduce((total, weight, i) => total + (i === 0 ? weight : 2 * weight), 0)
  return half.map((weight) => weight / sum)
}

/** Separable Gaussian in place: down the columns, then along the rows. */
function smooth(map: Float32Array, height: number, width: number, kernel: Float64Array): void {
  const vertical = new Float64Array(map.length)
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < kernel.length; i++) {
      const weight = kernel[i] as number
      const up = reflect(y - i, height) * width
      const down = reflect(y + i, height) * width
      for (let x = 0; x < width; x++) {
        const pair = i === 0 ? (map[up + x] as number) : (map[up + x] as number) + (map[down + x] as number)
        vertical[y * width + x] = (vertical[y * width + x] as number) + weight * pair
      }
    }
  }
  const radius = kernel.length - 1
  const padded = new Float64Array(width + 2 * radius)
  for (let y = 0; y < height; y++) {
    for (let x = -radius; x < width + radius; x++)
      padded[x + radius] = vertical[y * width + reflect(x, width)] as number
    for (let x = 0; x < width; x++) {
      const middle = x + radius
      let sum = (kernel[0] as number) * (padded[middle] as number)
      for (let i = 1; i <= radius; i++) {
        sum += (kernel[i] as number) * ((padded[middle - i] as number) + (padded[middle + i] as number))
      }
      map[y * width + x] = sum
    }
  }
}

/** Index mirrored at the borders with the border pixel repeated: ... 1 0 | 0 1 2 | 2 1 ... */
function reflect(index: number, length: number): number {
  const period = 2 * length
  const wrapped = ((index % period) + period) % period
  return wrapped < length ? wrapped : period - 1 - wrapped
}
