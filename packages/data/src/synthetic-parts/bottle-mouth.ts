import { randomUniform } from '@tab/core'
import { harmonic } from './harmonic.ts'
import { edge, noiseSeed, smoothstep, type PartFactory, square } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

/** The mouth of a green bottle from above, in dark field: the sealing rim, two starts of the thread, the shoulder, and reflexes of a ring light. */
export const bottleMouth: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const shoulder = randomUniform(rng, 0.395, 0.405)
  const bore = randomUniform(rng, 0.138, 0.144)
  const tone = randomUniform(rng, 0.9, 1.1)
  const wave = randomUniform(rng, 0.002, 0.005)
  const [lean, rise] = [randomUniform(rng, -0.008, 0.008), randomUniform(rng, -0.008, 0.008)] // the neck is never quite upright
  return {
    texture: false,
    ground: [0.035, 0.045, 0.04],
    maximumTurn: 3.1,
    maximumShift: 0.025,
    clear: true,
    surface(x, y, point) {
      const radius = Math.sqrt(x * x + y * y)
      const [nx, ny] = [x - lean, y - rise]
      const drift = wave * (fractalNoise(x * 5, y * 5, seed, 2) - 0.5)
      const neck = Math.sqrt(nx * nx + ny * ny) + 2 * drift
      point.coverage = edge(Math.max(radius - shoulder, bore - neck), pixel)
      const rim = band(neck - bore - 0.038, 0.04)
      const starts = smoothstep(-0.75, -0.35, harmonic(nx, ny, 2))
      const thread = starts * band(neck - 0.255, 0.016)
      point.height = 0.03 + 0.016 * rim + 0.01 * thread - 0.05 * square(Math.max(0, radius - 0.24) / 0.16) + drift
      // A ring light is seen in the glass as thin bright circles, stronger on the side where the wall is thicker.
      const uneven = 0.55 + 0.9 * valueNoise(nx * 4 + 9, ny * 4, seed + 3)
      const circles =
        0.75 * band(neck - bore - 0.022, 0.009) +
        0.4 * band(neck - bore - 0.066, 0.006) +
        0.35 * band(neck - 0.318, 0.007)
      const reflex = uneven * circles
      const wall = 0.28 + 0.55 * smoothstep(0.3, 0.41, radius) + 0.25 * thread + 0.2 * rim
      const seeds = valueNoise(x * 46, y * 46, seed + 6)
      const bubble = seeds > 0.95 ? (seeds - 0.95) * 4 : 0
      const shade = tone * wall * (0.9 + 0.3 * (fractalNoise(x * 7, y * 7, seed + 8, 2) - 0.5)) + 0.3 * bubble
      point.red = 0.22 * shade + 0.85 * reflex
      point.green = 0.6 * shade + 0.95 * reflex
      point.blue = 0.34 * shade + 0.88 * reflex
      point.gloss = 0.5
    },
  }
}

/** 1 where the offset is 0, falling to 0 at the half-width. */
function band(offset: number, half: number): number {
  return Math.max(0, 1 - square(offset / half))
}
