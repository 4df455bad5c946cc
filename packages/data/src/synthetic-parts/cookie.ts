import { randomUniform } from '@tab/core'
import { harmonic } from './harmonic.ts'
import { edge, noiseSeed, smoothstep, type PartFactory, square } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

const HOLES = [-0.15, -0.05, 0.05, 0.15].flatMap((y) =>
  [-0.15, -0.05, 0.05, 0.15].map((x) => [x * 1.1, y * 1.1] as const),
)

/** A baked biscuit: a scalloped, uneven outline, sixteen pricked holes, a crumbly face, and a rim that is browner than the middle. */
export const cookie: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const size = randomUniform(rng, 0.345, 0.365)
  const oval = randomUniform(rng, 0.97, 1.03)
  const baked = randomUniform(rng, 0.75, 1.2)
  const holes = HOLES.map(([x, y]) => ({
    x: x + randomUniform(rng, -0.007, 0.007),
    y: y + randomUniform(rng, -0.007, 0.007),
    radius: randomUniform(rng, 0.011, 0.015),
  }))
  return {
    texture: false,
    ground: [0.13, 0.2, 0.27],
    maximumTurn: 3.1,
    maximumShift: 0.025,
    surface(x, y, point) {
      const [ex, ey] = [x * oval, y / oval]
      const radius = Math.sqrt(ex * ex + ey * ey)
      const ragged = 0.018 * (fractalNoise(x * 9, y * 9, seed, 3) - 0.5)
      const outside = radius - size - 0.009 * harmonic(x, y, 26) - ragged
      point.coverage = edge(outside, pixel)
      let prick = 0
      for (const hole of holes) {
        const [dx, dy] = [Math.abs(x - hole.x), Math.abs(y - hole.y)]
        if (dx > 0.03 || dy > 0.03) continue
        prick = Math.max(prick, 1 - smoothstep(0.5, 1.5, Math.sqrt(dx * dx + dy * dy) / hole.radius))
      }
      const crumb = fractalNoise(x * 42, y * 42, seed + 4, 3) - 0.5
      const bubble = valueNoise(x * 26, y * 26, seed + 8)
      const blister = square(Math.max(0, bubble - 0.6) / 0.4)
      point.height =
        0.035 - 0.03 * square(Math.max(0, outside + 0.08) / 0.08) - 0.014 * prick + 0.0075 * crumb + 0.004 * blister
      const oven = 0.55 * (fractalNoise(x * 4, y * 4, seed + 9, 3) - 0.5)
      const brown = baked * Math.max(0, 0.25 + oven + 0.62 * smoothstep(-0.12, 0, outside) + 0.35 * blister)
      const shade = 0.8 * (1 + 0.16 * crumb) * (1 - 0.62 * prick)
      point.red = shade * (1 - 0.3 * brown)
      point.green = shade * (0.78 - 0.38 * brown)
      point.blue = shade * (0.47 - 0.32 * brown)
      point.gloss = 0.03
    },
  }
}
