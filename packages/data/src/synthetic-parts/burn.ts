import { randomUniform } from '@tab/core'
import { placeOn } from './place-defect.ts'
import { noiseSeed, smoothstep, type DefectFactory, square } from './surface.ts'
import { fractalNoise } from './value-noise.ts'

/** Too much heat: a straw-coloured halo without a border, a scorched middle, and a surface that blisters a little. */
export const burn: DefectFactory = (part, rng) => {
  const [cx, cy] = placeOn(part, rng)
  const radius = randomUniform(rng, 0.07, 0.12)
  const stretch = randomUniform(rng, 0.75, 1.35)
  const strength = randomUniform(rng, 0.5, 0.95)
  const seed = noiseSeed(rng)
  return (x, y, point) => {
    part.surface(x, y, point)
    const distance = Math.sqrt(square((x - cx) * stretch) + square((y - cy) / stretch)) / radius
    if (distance > 1.25) return
    const heat = strength * (1.25 - distance) * (0.65 + 0.7 * fractalNoise(x * 16, y * 16, seed, 3))
    const halo = smoothstep(0, 0.5, heat)
    const core = smoothstep(0.4, 0.95, heat)
    point.red *= (1 - 0.16 * halo) * (1 - 0.72 * core)
    point.green *= (1 - 0.3 * halo) * (1 - 0.72 * core)
    point.blue *= (1 - 0.52 * halo) * (1 - 0.62 * core)
    point.gloss *= 1 - 0.7 * core
    point.height += 0.003 * core * fractalNoise(x * 70, y * 70, seed + 5, 2)
  }
}
