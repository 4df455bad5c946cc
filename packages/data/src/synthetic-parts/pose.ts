import { portableMath, randomUniform, type Rng } from '@tab/core'
import type { Size } from '../resize.ts'
import type { Scene } from './render.ts'
import { noiseSeed, type Part, square } from './surface.ts'

/** Places a part before the camera, turned and shifted as far as it allows, under a lamp that is never in quite the same place. */
export function pose(part: Part, [height, width]: Size, rng: Rng): Scene {
  const turn = randomUniform(rng, -part.maximumTurn, part.maximumTurn)
  const bearing = randomUniform(rng, -2.6, -2.1) // the lamp is at the upper left, never in quite the same place
  const slant = randomUniform(rng, 0.5, 0.58)
  const across = Math.sqrt(1 - slant * slant) * 0.9
  const light = [across * portableMath.cos(bearing), across * portableMath.sin(bearing), 0] as const
  return {
    height,
    width,
    cosine: portableMath.cos(turn),
    sine: portableMath.sin(turn),
    scale: randomUniform(rng, 0.97, 1.03),
    shift: [
      randomUniform(rng, -part.maximumShift, part.maximumShift),
      randomUniform(rng, -part.maximumShift, part.maximumShift),
    ],
    light: [light[0], light[1], Math.sqrt(1 - square(light[0]) - square(light[1]))],
    exposure: randomUniform(rng, 1.05, 1.18),
    ground: part.ground,
    groundSeed: noiseSeed(rng),
  }
}
