import { randomUniform } from '@tab/core'
import { noiseSeed, type PartFactory } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

/** A sheet of brushed steel: long fine lines in one direction, and a broad uneven sheen. */
export const brushedMetal: PartFactory = (rng) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.46, 0.52)
  return {
    texture: true,
    ground: [0, 0, 0],
    maximumTurn: 0.05,
    maximumShift: 0,
    surface(x, y, point) {
      const fine = valueNoise(x * 7, y * 330, seed)
      const coarse = valueNoise(x * 4, y * 110, seed + 1)
      const sheen = fractalNoise(x * 2.5, y * 5, seed + 2, 3)
      point.coverage = 1
      point.height = 0.0012 * fine + 0.0014 * coarse
      const shade = tone + 0.11 * (fine - 0.5) + 0.08 * (coarse - 0.5) + 0.1 * (sheen - 0.5)
      point.red = shade
      point.green = shade
      point.blue = shade * 1.02
      point.gloss = 0.3
    },
  }
}
