import { assertTensor, checkNumber, tensor, type Tensor } from '@tab/core'
import { samplePositions, type SamplePosition } from '../features/resample.ts'

const WHERE = 'anomalyMaps'

/** Resolution of anomaly maps: that of the images (`input`), or of the grid on which the patches were scored (`grid`). */
export type MapSize = 'input' | 'grid'

/**
 * Turns patch scores into anomaly maps in input pixels: a bilinear resize, then a Gaussian like scipy's `gaussian_filter` (mode
 * `reflect`, truncate 4). Both are linear and separable, so a map is R S C^T of the scores S and two band matrices; the cost depends
 * on the few rows of the grid, not on the width of the Gaussian.
 * @param scores [N,h,w]
 * @param size `[height, width]` of the maps
 * @param sigma standard deviation of the Gaussian in pixels of the map, or one for `[height, width]`; 0 for no smoothing
 * @returns [N,height,width]
 * @throws INVALID_ARGUMENT for an invalid shape, size or sigma
 * @example
 * ```ts
 * import { anomalyMaps } from '@tab/adapters'
 * import { tensor } from '@tab/core'
 *
 * const scores = tensor([1, 1, 2], Float32Array.of(0, 1)) // two patches
 * console.log([...anomalyMaps(scores, [1, 4], 0).data]) // [ 0, 0.25, 0.75, 1 ]
 * ```
 */
export function anomalyMaps(
  scores: Tensor,
  size: readonly [number, number],
  sigma: number | readonly [number, number],
): Tensor {
  assertTensor(WHERE, 'scores', scores, ['N', 'h', 'w'])
  const [count, fromHeight, fromWidth] = scores.shape as [number, number, number]
  const [height, width] = size
  for (const side of [height, width]) checkNumber(WHERE, 'size', side, { integer: true, minimum: 1 })
  const [sigmaDown, sigmaAcross] = (Array.isArray(sigma) ? sigma : [sigma, sigma]) as readonly [number, number]
  for (const width of [sigmaDown, sigmaAcross]) checkNumber(WHERE, 'sigma', width, { minimum: 0 })
  const rows = resizeAndSmooth(fromHeight, height, sigmaDown)
  const columns = resizeAndSmooth(fromWidth, width, sigmaAcross)
  const maps = new Float32Array(count * height * width)
  const wide = new Float64Array(fromHeight * width)
  for (let image = 0; image < count; image++) {
    const start = image * fromHeight * fromWidth
    for (let y = 0; y < fromHeight; y++) {
      const row = scores.data.subarray(start + y * fromWidth, start + (y + 1) * fromWidth)
      for (let x = 0; x < width; x++) {
        const { first, weights } = columns[x] as Band
        let sum = 0
        for (let i = 0; i < weights.length; i++) sum += (weights[i] as number) * (row[first + i] as number)
        wide[y * width + x] = sum
      }
    }
    for (let y = 0; y < height; y++) {
      const { first, weights } = rows[y] as Band
      const target = (image * height + y) * width
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (let i = 0, at = first * width + x; i < weights.length; i++, at += width)
          sum += (weights[i] as number) * (wide[at] as number)
        maps[target + x] = sum
      }
    }
  }
  return tensor([count, height, width], maps)
}

/**
 * The maps of a prediction at the requested size.
 * @param scores [N,h,w] of the patches
 * @param size `[height, width]` of the images
 * @param sigma standard deviation of the Gaussian, always in input pixels
 * @returns [N,height,width], or [N,h,w] for `grid`
 */
export function predictionMaps(
  scores: Tensor,
  size: readonly [number, number],
  sigma: number,
  mapSize: MapSize,
): Tensor {
  if (mapSize === 'input') return anomalyMaps(scores, size, sigma)
  const [, rows, columns] = scores.shape as [number, number, number]
  return anomalyMaps(scores, [rows, columns], [(sigma * rows) / size[0], (sigma * columns) / size[1]])
}

/**
 * Maps at the requested size, and the highest value of each image's map in input pixels: its score, whatever the size of the maps.
 * @param scores [N,h,w], not negative
 */
export function mapsWithPeaks(
  scores: Tensor,
  size: readonly [number, number],
  sigma: number,
  mapSize: MapSize,
): { maps: Tensor; peaks: Float32Array } {
  const full = anomalyMaps(scores, size, sigma)
  const area = size[0] * size[1]
  const peaks = new Float32Array(scores.shape[0] as number)
  for (let at = 0; at < full.data.length; at++) {
    const image = Math.floor(at / area)
    const value = full.data[at] as number
    if (!(value <= (peaks[image] as number))) peaks[image] = value // NaN is kept: a 0 would pass as good
  }
  return { maps: mapSize === 'input' ? full : predictionMaps(scores, size, sigma, mapSize), peaks }
}

/** One row of a band matrix: its weights, starting at column `first`. */
interface Band {
  readonly first: number
  readonly weights: Float64Array
}

/** The matrix [to,from] that resizes a line of samples bilinearly and smooths it. */
function resizeAndSmooth(from: number, to: number, sigma: number): Band[] {
  const positions = samplePositions(from, to)
  const kernel = gaussianKernel(sigma)
  const radius = kernel.length - 1
  const row = new Float64Array(from)
  return positions.map((_, index) => {
    row.fill(0)
    for (let offset = -radius; offset <= radius; offset++) {
      const { low, high, share } = positions[reflect(index + offset, to)] as SamplePosition
      const weight = kernel[Math.abs(offset)] as number
      row[low] = (row[low] as number) + weight * (1 - share)
      row[high] = (row[high] as number) + weight * share
    }
    const first = row.findIndex((weight) => weight !== 0)
    return { first, weights: row.slice(first, row.findLastIndex((weight) => weight !== 0) + 1) }
  })
}

/** Half of the normalised kernel, from its middle, with scipy's radius: 4 sigma, rounded. */
function gaussianKernel(sigma: number): Float64Array {
  const radius = sigma > 0 ? Math.floor(4 * sigma + 0.5) : 0
  const half = Float64Array.from({ length: radius + 1 }, (_, i) =>
    sigma > 0 ? Math.exp((-i * i) / (2 * sigma * sigma)) : 1,
  )
  const sum = half.reduce((total, weight, i) => total + (i === 0 ? weight : 2 * weight), 0)
  return half.map((weight) => weight / sum)
}

/** Index mirrored at the borders with the border pixel repeated: ... 1 0 | 0 1 2 | 2 1 ... */
function reflect(index: number, length: number): number {
  const period = 2 * length
  const wrapped = ((index % period) + period) % period
  return wrapped < length ? wrapped : period - 1 - wrapped
}
