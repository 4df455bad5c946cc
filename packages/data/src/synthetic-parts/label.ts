import { randomUniform } from '@tab/core'
import { printedText } from './print.ts'
import { boxDistance, edge, noiseSeed, smoothstep, type PartFactory } from './surface.ts'
import { fractalNoise, latticeValue } from './value-noise.ts'

const [WIDTH, HEIGHT] = [0.43, 0.31]
const BARS = bars()

/** A paper label on cardboard, printed in teal and black that never register exactly: a band with a name, text, a seal, a bar code. */
export const label: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const paper = randomUniform(rng, 0.78, 0.84)
  const ink = randomUniform(rng, 0.86, 0.97)
  const teal = randomUniform(rng, 0.9, 1.1)
  const [offX, offY] = [randomUniform(rng, -0.007, 0.007), randomUniform(rng, -0.007, 0.007)]
  return {
    texture: false,
    ground: [0.47, 0.35, 0.23],
    maximumTurn: 0.06,
    maximumShift: 0.02,
    surface(x, y, point) {
      const outside = boxDistance(x, y, WIDTH, HEIGHT, 0.025)
      point.coverage = edge(outside, pixel)
      const fibre = fractalNoise(x * 45, y * 45, seed, 3) - 0.5
      const shade = paper + 0.05 * fibre
      point.red = shade
      point.green = shade
      point.blue = shade * 0.97
      point.height = 0.006 * smoothstep(0, -0.012, outside) + 0.0011 * fibre
      point.height += 0.006 * (fractalNoise(x * 3, y * 3, seed + 7, 1) - 0.5) // it never lies quite flat
      point.gloss = 0.05
      if (point.coverage === 0) return

      const [u, v] = [x + offX, y + offY]
      const band = edge(boxDistance(u, v + 0.2, WIDTH - 0.03, 0.07, 0.012), pixel)
      const name = printedText((u + 0.35) / 0.075, (v + 0.235) / 0.075, 1, 10)
      const seal = Math.sqrt((u - 0.3) * (u - 0.3) + (v - 0.18) * (v - 0.18))
      const disc = edge(seal - 0.078, pixel) * (1 - edge(Math.abs(seal - 0.058) - 0.007, pixel))
      const colour = Math.max(disc, band * (1 - name))
      const black = Math.max(
        y > 0.09 && y < 0.25 ? barAt(x, pixel) * edge(Math.abs(y - 0.17) - 0.07, pixel) : 0,
        printedText((x + 0.38) / 0.036, (y + 0.1) / 0.036, 3, 22),
        printedText((x + 0.38) / 0.036, (y + 0.04) / 0.036, 4, 17),
        printedText((x + 0.38) / 0.036, (y - 0.02) / 0.036, 5, 18),
        printedText((x + 0.36) / 0.034, (y - 0.25) / 0.034, 6, 14),
      )
      const density = ink * (1 + 0.12 * fibre)
      const printed = teal * (0.9 + 0.3 * (fractalNoise(x * 9, y * 9, seed + 4, 2) - 0.5))
      const coloured = (plain: number, full: number): number => plain + colour * density * (full * printed - plain)
      const covered = 1 - black * density * 0.9
      point.red = coloured(point.red, 0.05) * covered
      point.green = coloured(point.green, 0.36) * covered
      point.blue = coloured(point.blue, 0.38) * covered
    },
  }
}

interface Bar {
  readonly middle: number
  readonly half: number
}

function bars(): Bar[] {
  const made: Bar[] = []
  let at = -0.375
  for (let i = 0; at < 0.105; i++) {
    const width = 0.0055 * (1 + Math.floor(3 * latticeValue(i, 7, 902)))
    made.push({ middle: at + width / 2, half: width / 2 })
    at += width + 0.0055 * (1 + Math.floor(3 * latticeValue(i, 8, 902)))
  }
  return made
}

function barAt(x: number, pixel: number): number {
  let ink = 0
  for (const { middle, half } of BARS) ink += edge(Math.abs(x - middle) - half, pixel)
  return Math.min(1, ink)
}
