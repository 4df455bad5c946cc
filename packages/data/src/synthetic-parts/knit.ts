import { randomUniform } from '@tab/core'
import { noiseSeed, type PartFactory, square } from './surface.ts'
import { fractalNoise, latticeValue, valueNoise } from './value-noise.ts'

const [WALES, COURSES] = [11, 15] // stitches across the shorter side, and along it

/** Knitted wool, right side: columns of V-shaped stitches of a mottled yarn with loose fibres. */
export const knit: PartFactory = (rng) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.92, 1.08)
  const [offX, offY] = [rng(), rng()]
  return {
    texture: true,
    ground: [0.03, 0.045, 0.055],
    maximumTurn: 0.08,
    maximumShift: 0,
    surface(x, y, point) {
      const slack = 0.34
      const u = x * WALES + offX + slack * (fractalNoise(x * 5, y * 5, seed, 2) - 0.5)
      const v = y * COURSES + offY + slack * (fractalNoise(x * 5, y * 5, seed + 3, 2) - 0.5)
      const wale = Math.floor(u)
      const across = u - wale - 0.5
      const side = Math.abs(across)
      const slanted = v + 1.5 * side
      const course = Math.floor(slanted)
      const along = slanted - course - 0.5
      const half = across < 0 ? 0 : 1
      const thick = 0.46 + 0.08 * (latticeValue(wale * 2 + half, course, seed + 5) - 0.5)
      const round = Math.max(0, 1 - square(along / thick)) * Math.max(0, 1 - square((side - 0.25) / 0.28))
      const twist = valueNoise(along * 5 + side * 9 + course * 3.3, wale * 7 + half * 3, seed + 6) - 0.5
      const fuzz = fractalNoise(x * 75, y * 75, seed + 8, 2) - 0.5
      point.coverage = round > 0.02 ? 1 : 0.6
      point.height = 0.022 * Math.sqrt(round) + 0.002 * twist + 0.0025 * fuzz
      const melange = latticeValue(wale * 2 + half, course, seed + 9) - 0.5
      const shade = tone * (0.3 + 0.55 * Math.sqrt(round)) * (1 + 0.16 * twist + 0.14 * melange + 0.3 * fuzz)
      point.red = 0.42 * shade
      point.green = 0.66 * shade + 0.02 * (1 + melange)
      point.blue = 0.78 * shade + 0.02
      point.gloss = 0
    },
  }
}
