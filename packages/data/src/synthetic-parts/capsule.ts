import { randomUniform } from '@tab/core'
import { printedText } from './print.ts'
import { edge, noiseSeed, smoothstep, type PartFactory, square } from './surface.ts'
import { fractalNoise } from './value-noise.ts'

/** A hard gelatin capsule: a cream body pushed into a blue cap, with a code printed on the body, which rolls to any side. */
export const capsule: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const half = randomUniform(rng, 0.258, 0.268)
  const seam = randomUniform(rng, -0.012, 0.012)
  const roll = randomUniform(rng, -0.06, 0.06)
  const ink = randomUniform(rng, 0.6, 0.85)
  const tone = randomUniform(rng, 0.94, 1.04)
  const print = randomUniform(rng, -0.235, -0.215)
  return {
    texture: false,
    ground: [0.3, 0.31, 0.33],
    maximumTurn: 3.1,
    maximumShift: 0.03,
    surface(x, y, point) {
      const capped = smoothstep(-0.004, 0.004, x - seam)
      const girth = 0.141 + 0.007 * capped
      const beyond = Math.max(0, Math.abs(x) - half + 0.01 * capped)
      const axis = Math.sqrt(beyond * beyond + y * y)
      const outside = axis - girth
      point.coverage = edge(outside, pixel)
      const relative = Math.min(1, axis / girth)
      const lock = Math.max(0, 1 - square((x - seam - 0.07) / 0.01)) // the groove that keeps the halves together
      const waver = 0.0018 * (fractalNoise(x * 20, y * 20, seed, 2) - 0.5)
      point.height = 0.02 + 0.7 * girth * Math.sqrt(1 - 0.97 * square(relative)) - 0.004 * lock + waver
      const powder = fractalNoise(x * 16, y * 16, seed + 4, 3) - 0.5 // it shows through the shell
      const printed = ink * printedText((x - print) / 0.062, (y - roll + 0.031) / 0.062, 11, 3)
      const body = tone * (0.78 + 0.07 * powder) * (1 - 0.85 * printed)
      const cap = tone * (1 + 0.1 * powder)
      point.red = body + capped * (0.1 * cap - body)
      point.green = body * 0.95 + capped * (0.26 * cap - body * 0.95)
      point.blue = body * 0.8 + capped * (0.56 * cap - body * 0.8)
      point.gloss = 0.55
    },
  }
}
