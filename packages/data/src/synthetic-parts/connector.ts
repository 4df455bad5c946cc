import { randomUniform } from '@tab/core'
import { boxDistance, edge, noiseSeed, smoothstep, type PartFactory, square } from './surface.ts'
import { fractalNoise } from './value-noise.ts'

const [COLUMNS, ROWS, PITCH] = [6, 2, 0.118]

/** A moulded plug of ivory nylon: twelve wells with a gold pin in each, a latch on one side and a coding groove on the other. */
export const connector: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.68, 0.74)
  const yellowing = randomUniform(rng, 0.8, 0.88)
  const pins = Array.from({ length: COLUMNS * ROWS }, () => ({
    x: randomUniform(rng, -0.004, 0.004),
    y: randomUniform(rng, -0.004, 0.004),
    tone: randomUniform(rng, 0.85, 1.08),
  }))
  return {
    texture: false,
    ground: [0.1, 0.17, 0.3],
    maximumTurn: 0.09,
    maximumShift: 0.025,
    surface(x, y, point) {
      const body = boxDistance(x, y, 0.4, 0.18, 0.022)
      const latch = boxDistance(x, y + 0.205, 0.09, 0.045, 0.012)
      const groove = Math.max(
        -boxDistance(x + 0.24, y - 0.19, 0.022, 0.02),
        -boxDistance(x - 0.24, y - 0.19, 0.022, 0.02),
      )
      const outside = Math.max(Math.min(body, latch), groove)
      point.coverage = edge(outside, pixel)

      const column = Math.min(COLUMNS - 1, Math.max(0, Math.floor(x / PITCH + COLUMNS / 2)))
      const row = y < 0 ? 0 : 1
      const [u, v] = [x - (column + 0.5 - COLUMNS / 2) * PITCH, y - (row - 0.5) * PITCH * 1.2]
      const well = edge(boxDistance(u, v, 0.043, 0.047, column === 0 && row === 0 ? 0.004 : 0.016), 1.3 * pixel)
      const pin = pins[row * COLUMNS + column] as (typeof pins)[number]
      const [pu, pv] = [Math.abs(u - pin.x), Math.abs(v - pin.y)]
      const metal = edge(boxDistance(pu, pv, 0.0185, 0.0185, 0.003), pixel)

      const spread = 0.0016 * (fractalNoise(x * 70, y * 70, seed, 2) - 0.5)
      const onLatch = smoothstep(0.004, -0.004, latch)
      const hook = 0.012 * onLatch * Math.max(0, 1 - square((y + 0.225) / 0.016))
      point.height = 0.03 - 0.02 * smoothstep(-0.02, 0, outside) + hook + spread - 0.02 * well * (1 - metal)
      point.height -= 0.3 * metal * Math.max(0, Math.max(pu, pv) - 0.006)
      const flow = 0.05 * (fractalNoise(x * 5, y * 9, seed + 3, 3) - 0.5)
      const shade = (tone + flow) * (1 - 0.8 * well)
      point.red = shade + metal * (0.7 * pin.tone - shade)
      point.green = shade * 0.97 + metal * (0.54 * pin.tone - shade * 0.97)
      point.blue = shade * yellowing + metal * (0.22 * pin.tone - shade * yellowing)
      point.gloss = 0.1 + 0.5 * metal
    },
  }
}
