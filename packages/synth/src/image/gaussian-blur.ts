import { portableMath } from '@tab/core'
import type { Pixels } from './bilinear.ts'

/** Gaussian blur, separable, cut at three sigmas, edges clamped. */
export function gaussianBlur({ height, width, data }: Pixels, sigma: number): Pixels {
  const radius = Math.ceil(3 * sigma)
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    portableMath.exp((-(i - radius) * (i - radius)) / (2 * sigma * sigma)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const across = blurAxis(data, weights, total, height, width, 'x')
  return { height, width, data: blurAxis(across, weights, total, height, width, 'y') }
}

function blurAxis(
  data: Float32Array,
  weights: Float64Array,
  total: number,
  height: number,
  width: number,
  axis: 'x' | 'y',
): Float32Array {
  const radius = (weights.length - 1) / 2
  const [length, step] = axis === 'x' ? [width, 3] : [height, width * 3]
  const result = new Float32Array(data.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = axis === 'x' ? x : y
      for (let c = 0; c < 3; c++, at++) {
        const line = at - place * step
        let sum = 0
        for (let k = -radius; k <= radius; k++) {
          const other = place + k
          const inside = other < 0 ? 0 : other > length - 1 ? length - 1 : other
          sum += (weights[k + radius] as number) * (data[line + inside * step] as number)
        }
        result[at] = sum / total
      }
    }
  }
  return result
}
