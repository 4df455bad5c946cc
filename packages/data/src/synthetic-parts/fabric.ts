import { randomUniform } from '@tab/core'
import { noiseSeed, type PartFactory, square } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

const THREADS = 26 // across the shorter side

/** A plain weave: warp and weft threads that pass over and under each other, of slightly uneven thickness. */
export const fabric: PartFactory = (rng) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.95, 1.05)
  return {
    texture: true,
    ground: [0.05, 0.045, 0.04],
    maximumTurn: 0.06,
    maximumShift: 0,
    surface(x, y, point) {
      const warpX = x * THREADS + 0.35 * (fractalNoise(x * 6, y * 6, seed, 2) - 0.5)
      const weftY = y * THREADS + 0.35 * (fractalNoise(x * 6, y * 6, seed + 3, 2) - 0.5)
      const [column, row] = [Math.floor(warpX), Math.floor(weftY)]
      const [across, along] = [warpX - column - 0.5, weftY - row - 0.5]
      const warpOnTop = (column + row) % 2 === 0
      const [side, length] = warpOnTop ? [across, along] : [along, across]
      const thickness = 0.44 + 0.08 * (valueNoise(column * 3.1, row * 3.7, seed + 4) - 0.5)
      const round = Math.max(0, 1 - square(side / thickness))
      const bow = 1 - 2.2 * length * length
      const ply = valueNoise((side + length) * 9 + column * 5, row * 7, seed + 5)
      point.coverage = round > 0 ? 1 : 0.5
      point.height = 0.009 * Math.sqrt(round) * bow + 0.0008 * ply
      const shade = tone * (0.58 + 0.22 * round * bow + 0.08 * (ply - 0.5))
      const [red, green, blue] = warpOnTop ? [0.98, 0.92, 0.8] : [0.9, 0.85, 0.76]
      point.red = shade * red
      point.green = shade * green
      point.blue = shade * blue
      point.gloss = 0.02
    },
  }
}
