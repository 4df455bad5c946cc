import { randomUniform } from '@tab/core'
import { edge, noiseSeed, smoothstep, type PartFactory, square } from './surface.ts'
import { fractalNoise } from './value-noise.ts'

/** A pressed tablet: a round, domed body with a rim, a score line and a slightly powdery face. */
export const tablet: PartFactory = (rng, pixel) => {
  const radiusOf = randomUniform(rng, 0.335, 0.345)
  const seed = noiseSeed(rng)
  const warmth = randomUniform(rng, 0.93, 0.95)
  const rim = 0.045
  return {
    texture: false,
    ground: [0.2, 0.29, 0.36],
    maximumTurn: 3.1,
    maximumShift: 0.03,
    surface(x, y, point) {
      const radius = Math.sqrt(x * x + y * y)
      const outside = radius - radiusOf
      point.coverage = edge(outside, pixel)
      const relative = Math.min(1, radius / radiusOf)
      const dome = 0.05 * (1 - relative * relative)
      const shoulder = 0.035 * smoothstep(0, rim, -outside)
      const score = 0.012 * Math.max(0, 1 - square(Math.abs(y) / 0.014)) * smoothstep(0.01, 0.05, -outside)
      const powder = 0.0016 * (fractalNoise(x * 90, y * 90, seed, 3) - 0.5)
      point.height = 0.02 + dome + shoulder - score + powder
      const speck = 0.035 * (fractalNoise(x * 55, y * 55, seed + 7, 4) - 0.5)
      const shade = 0.74 + speck
      point.red = shade
      point.green = shade * 0.985
      point.blue = shade * warmth
      point.gloss = 0.08
    },
  }
}
