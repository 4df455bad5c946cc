import { portableMath } from '@tab/core'
import type { Pixels } from './bilinear.ts'

/** Gaussian blur, separable, cut at three sigmas, edges clamped. */
export function gaussianBlur({ height, width, data }: Pixels, sigma: number): Pixels {
  const radius = Math.ceil(3 * sigma)
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    portableMath.exp((-(i - radius) * (i - radius)) / (2 * sigma * sigma)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const across = new Float32Array(data.length)
  const result = new Float32Array(data.length)
  const clamp = (value: number, limit: number): number => (value < 0 ? 0 : value > limit ? limit : value)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let k = -radius; k <= radius; k++) {
          sum += (weights[k + radius] as number) * (data[(y * width + clamp(x + k, width - 1)) * 3 + c] as number)
        }
        across[(y * width + x) * 3 + c] = sum / total
      }
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let k = -radius; k <= radius; k++) {
          sum += (weights[k + radius] as number) * (across[(clamp(y + k, height - 1) * width + x) * 3 + c] as number)
        }
        result[(y * width + x) * 3 + c] = sum / total
      }
    }
  }
  return { height, width, data: result }
}
