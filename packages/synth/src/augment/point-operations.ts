import { portableMath, randomInteger, randomUniform, type Rng } from '@tab/core'

const { floor } = Math

/** Changes RGB values in [0,1] in place, each pixel separately; shared parameters are drawn once. */
type PointOperation = (data: Float32Array, rng: Rng) => void

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}

function perValue(data: Float32Array, change: (value: number) => number): void {
  for (let i = 0; i < data.length; i++) data[i] = clamp(change(data[i] as number))
}

export type PointOperationName =
  | 'gammaContrast'
  | 'brightness'
  | 'hueAndSaturation'
  | 'solarize'
  | 'posterize'
  | 'invert'
  | 'autoContrast'
  | 'equalize'

/** The point operations among DRAEM's ten augmentations, with imgaug's ranges. */
export const POINT_OPERATIONS: Readonly<Record<PointOperationName, PointOperation>> = {
  /** Powers from a table of 64 linearly interpolated steps: one power per value would cost more than everything else. */
  gammaContrast(data, rng) {
    for (let channel = 0; channel < 3; channel++) {
      const gamma = randomUniform(rng, 0.5, 2)
      const table = Float64Array.from({ length: 66 }, (_, i) => portableMath.pow(i / 64, gamma))
      for (let at = channel; at < data.length; at += 3) {
        const place = (data[at] as number) * 64
        const low = floor(place)
        const bottom = table[low] as number
        data[at] = clamp(bottom + (place - low) * ((table[low + 1] as number) - bottom))
      }
    }
  },

  brightness(data, rng) {
    const [factor, offset] = [randomUniform(rng, 0.8, 1.2), randomUniform(rng, -30 / 255, 30 / 255)]
    perValue(data, (value) => value * factor + offset)
  },

  /** Rotates the hue by up to 50 of 255 parts of the circle in the YIQ plane, and scales the saturation. */
  hueAndSaturation(data, rng) {
    const angle = (randomUniform(rng, -50, 50) / 255) * 2 * portableMath.PI
    const saturation = 1 + randomUniform(rng, -50, 50) / 255
    const [cos, sin] = [portableMath.cos(angle) * saturation, portableMath.sin(angle) * saturation]
    for (let at = 0; at < data.length; at += 3) {
      const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number]
      const luma = 0.299 * r + 0.587 * g + 0.114 * b
      const [i, q] = [0.596 * r - 0.274 * g - 0.322 * b, 0.211 * r - 0.523 * g + 0.312 * b]
      const [turnedI, turnedQ] = [cos * i - sin * q, sin * i + cos * q]
      data[at] = clamp(luma + 0.956 * turnedI + 0.621 * turnedQ)
      data[at + 1] = clamp(luma - 0.272 * turnedI - 0.647 * turnedQ)
      data[at + 2] = clamp(luma - 1.106 * turnedI + 1.703 * turnedQ)
    }
  },

  /** Inverts bright values, one time in two. */
  solarize(data, rng) {
    if (rng() < 0.5) return
    const threshold = randomUniform(rng, 32 / 255, 128 / 255)
    perValue(data, (value) => (value >= threshold ? 1 - value : value))
  },

  posterize(data, rng) {
    const levels = 2 ** randomInteger(rng, 1, 7)
    perValue(data, (value) => floor(value * levels * 0.999999) / levels)
  },

  invert(data) {
    perValue(data, (value) => 1 - value)
  },

  /** Stretches each channel to [0,1]. */
  autoContrast(data) {
    for (let channel = 0; channel < 3; channel++) {
      let [lowest, highest] = [1, 0]
      for (let at = channel; at < data.length; at += 3) {
        const value = data[at] as number
        if (value < lowest) lowest = value
        if (value > highest) highest = value
      }
      if (highest <= lowest) continue
      const scale = 1 / (highest - lowest)
      for (let at = channel; at < data.length; at += 3) data[at] = clamp(((data[at] as number) - lowest) * scale)
    }
  },

  /** Spreads each channel's 256 levels evenly. */
  equalize(data) {
    for (let channel = 0; channel < 3; channel++) {
      const counts = new Float64Array(256)
      for (let at = channel; at < data.length; at += 3) {
        const level = floor((data[at] as number) * 255.999)
        counts[level] = (counts[level] as number) + 1
      }
      let below = 0
      for (let level = 0; level < 256; level++) {
        below += counts[level] as number
        counts[level] = below / (data.length / 3)
      }
      for (let at = channel; at < data.length; at += 3) {
        data[at] = counts[floor((data[at] as number) * 255.999)] as number
      }
    }
  },
}
