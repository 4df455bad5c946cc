import { randomUniform } from '@tab/core'
import { edge, noiseSeed, smoothstep, type PartFactory } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

/** A turned steel flange: a ring with fine circular tool marks, bevelled edges and four bolt holes. */
export const washer: PartFactory = (rng, pixel) => {
  const outer = randomUniform(rng, 0.375, 0.385)
  const inner = randomUniform(rng, 0.135, 0.142)
  const holeCircle = (outer + inner) / 2 + 0.01
  const holeRadius = 0.035
  const bevel = 0.018
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.5, 0.56)
  return {
    texture: false,
    ground: [0.09, 0.1, 0.12],
    maximumTurn: 3.1,
    maximumShift: 0.025,
    surface(x, y, point) {
      const radius = Math.sqrt(x * x + y * y)
      const [ax, ay] = [Math.abs(x), Math.abs(y)]
      const [hx, hy] = ax > ay ? [ax - holeCircle, ay] : [ax, ay - holeCircle]
      const hole = holeRadius - Math.sqrt(hx * hx + hy * hy)
      const outside = Math.max(radius - outer, inner - radius, hole)
      point.coverage = edge(outside, pixel)
      const marks = valueNoise(radius * 260, 0, seed) * 0.0011 + valueNoise(radius * 90, 3, seed + 5) * 0.0012
      point.height = 0.03 - 0.022 * smoothstep(-bevel, 0, outside) + marks
      const grain = 0.05 * (fractalNoise(x * 40, y * 40, seed + 9, 3) - 0.5)
      const shade = tone + grain + 0.05 * (valueNoise(radius * 60, 1, seed + 2) - 0.5)
      point.red = shade
      point.green = shade * 1.005
      point.blue = shade * 1.03
      point.gloss = 0.5
    },
  }
}
