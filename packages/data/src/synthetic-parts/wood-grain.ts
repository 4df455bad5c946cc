import { randomUniform } from '@tab/core'
import { noiseSeed, type PartFactory } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

/** A planed board: growth rings cut lengthwise, each from pale early to dark late wood, with pores and flecks along the grain. */
export const woodGrain: PartFactory = (rng) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.94, 1.06)
  const rings = randomUniform(rng, 9, 13)
  const redness = randomUniform(rng, 0.7, 0.76)
  return {
    texture: true,
    ground: [0.06, 0.045, 0.03],
    maximumTurn: 0.07,
    maximumShift: 0,
    surface(x, y, point) {
      const bend = fractalNoise(x * 0.9, y * 1.7, seed, 2)
      const waver = fractalNoise(x * 5, y * 9, seed + 3, 2)
      const age = rings * (y + 0.5 * bend) + 0.22 * waver
      const year = Math.floor(age)
      const season = age - year
      // Late wood darkens slowly and ends abruptly, a little softened as by a blunt plane.
      const late = season < 0.93 ? season * season * season * 1.24 : (1 - season) * 14.2
      const pore = valueNoise(x * 14, y * 210, seed + 6)
      const deep = pore > 0.74 ? (pore - 0.74) * 3.8 : 0
      const fleck = fractalNoise(x * 8, y * 60, seed + 9, 2) - 0.5
      const strong = 0.75 + 0.5 * valueNoise(year * 3.7, 0.5, seed + 12)
      const shade = tone * (0.72 - 0.27 * late * strong + 0.1 * fleck - 0.12 * deep)
      point.coverage = 1
      point.height = 0.0022 * late - 0.0022 * deep + 0.001 * fleck
      point.red = shade * 1.02
      point.green = shade * (redness + 0.03 * (1 - late))
      point.blue = shade * (0.43 + 0.07 * (1 - late))
      point.gloss = 0.05
    },
  }
}
