import { portableMath, randomUniform } from '@tab/core'
import { harmonic } from './harmonic.ts'
import { edge, noiseSeed, smoothstep, type PartFactory, square } from './surface.ts'
import { fractalNoise } from './value-noise.ts'

/** A red screw cap, moulded: ribs around it, a raised ring and a raised trefoil, and the stub of the gate in the middle. */
export const bottleCap: PartFactory = (rng, pixel) => {
  const radiusOf = randomUniform(rng, 0.37, 0.376)
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.93, 1.05)
  const gate = randomUniform(rng, 0.004, 0.009)
  // The emblem is turned against the ribs, as the two halves of a mould are.
  const turn = randomUniform(rng, -0.12, 0.12)
  const [cosine, sine] = [portableMath.cos(turn), portableMath.sin(turn)]
  return {
    texture: false,
    ground: [0.6, 0.61, 0.6],
    maximumTurn: 3.1,
    maximumShift: 0.03,
    surface(x, y, point) {
      const radius = Math.sqrt(x * x + y * y)
      const rib = harmonic(x, y, 60)
      const outside = radius - radiusOf - 0.004 * rib
      point.coverage = edge(outside, pixel)
      const skirt = smoothstep(-0.06, -0.035, outside)
      const shoulder = 0.034 * smoothstep(-0.075, -0.004, outside)
      const ring = Math.max(0, 1 - square((radius - 0.245) / 0.013))
      const [u, v] = [x * cosine + y * sine, y * cosine - x * sine]
      const leaf = 0.115 + 0.062 * harmonic(u, v, 3) - radius
      const stub = Math.max(0, 1 - square(radius / 0.016))
      const peel = 0.0016 * (fractalNoise(x * 38, y * 38, seed, 2) - 0.5)
      point.height =
        0.045 -
        shoulder +
        0.005 * skirt * rib +
        0.007 * ring +
        0.009 * smoothstep(-0.004, 0.01, leaf) +
        gate * stub +
        peel
      const flow = 0.07 * (fractalNoise(x * 4, y * 4, seed + 3, 3) - 0.5) // streaks of pigment
      const shade = tone + flow - 0.16 * skirt * (1 - rib) * 0.5
      point.red = 0.66 * shade
      point.green = 0.11 * shade + 0.01
      point.blue = 0.1 * shade + 0.012
      point.gloss = 0.3
    },
  }
}
