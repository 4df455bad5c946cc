import { portableMath, randomUniform, type Rng } from '@tab/core'
import { burn } from './burn.ts'
import { crack } from './crack.ts'
import { distortion } from './distortion.ts'
import { placeAtEdge, placeOn } from './place-defect.ts'
import {
  edge,
  noiseSeed,
  smoothstep,
  type DefectFactory,
  type Part,
  type Surface,
  type SurfacePoint,
  square,
} from './surface.ts'
import { fractalNoise } from './value-noise.ts'

/** The kinds of damage. Each changes the shape or material of the part, under the same light as the part itself. */
export const DEFECT_KINDS = [
  'contamination',
  'dent',
  'missing',
  'scratch',
  'stain',
  'crack',
  'burn',
  'distortion',
] as const
export type DefectKind = (typeof DEFECT_KINDS)[number]

/** The part's surface with a defect of this kind at a random place. */
export function withDefect(kind: DefectKind, part: Part, rng: Rng, pixel: number): Surface {
  return FACTORIES[kind](part, rng, pixel)
}

const FACTORIES: Readonly<Record<DefectKind, DefectFactory>> = {
  /** A bent groove with bright metal in it and a burr beside it. */
  scratch(part, rng, pixel) {
    const [cx, cy] = placeOn(part, rng)
    const angle = randomUniform(rng, 0, 2 * portableMath.PI)
    const [dx, dy] = [portableMath.cos(angle), portableMath.sin(angle)]
    const half = randomUniform(rng, 0.07, 0.17)
    const bend = randomUniform(rng, -1.6, 1.6)
    const width = Math.max(1.1 * pixel, randomUniform(rng, 0.005, 0.009))
    const seed = noiseSeed(rng)
    return (x, y, point) => {
      part.surface(x, y, point)
      const along = (x - cx) * dx + (y - cy) * dy
      if (Math.abs(along) > half) return
      const waver = 0.006 * (fractalNoise(along * 40, 0, seed, 2) - 0.5)
      const across = (y - cy) * dx - (x - cx) * dy - bend * along * along - waver
      const local = width * (1 - 0.7 * square(along / half))
      const groove = Math.max(0, 1 - square(across / local))
      const burr = Math.max(0, 1 - square((Math.abs(across) - 1.5 * local) / (0.6 * local)))
      point.height += 0.004 * burr - 0.014 * groove
      lighten(point, 0.32 * groove)
    }
  },

  /** A smooth hollow. */
  dent(part, rng) {
    const [cx, cy] = placeOn(part, rng)
    const radius = randomUniform(rng, 0.045, 0.085)
    const stretch = randomUniform(rng, 0.7, 1.4)
    const depth = randomUniform(rng, 0.016, 0.026)
    return (x, y, point) => {
      part.surface(x, y, point)
      const r = square((x - cx) / (radius * stretch)) + square(((y - cy) * stretch) / radius)
      if (r >= 1) return
      point.height -= depth * (1 - r) * (1 - r)
      point.gloss *= 1 + 0.6 * (1 - r)
    }
  },

  /** A dried liquid: discoloured, darker at its rim. */
  stain(part, rng, pixel) {
    const [cx, cy] = placeOn(part, rng)
    const radius = randomUniform(rng, 0.045, 0.095)
    const seed = noiseSeed(rng)
    const tint = [randomUniform(rng, 0.5, 0.68), randomUniform(rng, 0.4, 0.58), randomUniform(rng, 0.25, 0.45)]
    const strength = randomUniform(rng, 0.55, 0.8)
    return (x, y, point) => {
      part.surface(x, y, point)
      const distance = Math.sqrt(square(x - cx) + square(y - cy))
      if (distance > 1.8 * radius) return
      const ragged = radius * (0.55 + 0.9 * fractalNoise(x * 22, y * 22, seed, 3)) - distance
      const cover = edge(-ragged, 2.5 * pixel)
      const rim = Math.max(0, 1 - Math.abs(ragged - 0.006) / 0.008)
      const amount = cover * strength * (0.62 + 0.38 * rim + 0.3 * (fractalNoise(x * 60, y * 60, seed + 4, 2) - 0.5))
      point.red *= 1 - amount * (1 - (tint[0] as number))
      point.green *= 1 - amount * (1 - (tint[1] as number))
      point.blue *= 1 - amount * (1 - (tint[2] as number))
      point.gloss *= 1 - 0.6 * amount
    }
  },

  /** A piece broken out: the background shows, and the edge is steep and rough. */
  missing(part, rng, pixel) {
    const [cx, cy] = placeAtEdge(part, rng)
    const radius = randomUniform(rng, 0.04, 0.075)
    const seed = noiseSeed(rng)
    return (x, y, point) => {
      part.surface(x, y, point)
      const distance = Math.sqrt(square(x - cx) + square(y - cy))
      if (distance > 1.6 * radius) return
      const inside = radius * (0.65 + 0.7 * fractalNoise(x * 34, y * 34, seed, 3)) - distance
      const broken = edge(-inside, pixel)
      point.height -=
        0.03 * smoothstep(-0.022, 0.004, inside) + 0.006 * broken * fractalNoise(x * 120, y * 120, seed + 2, 2)
      point.coverage *= 1 - broken
    }
  },

  /** A crumb of foreign matter that lies on the part. */
  contamination(part, rng, pixel) {
    const [cx, cy] = placeOn(part, rng)
    const radius = randomUniform(rng, 0.022, 0.045)
    const angle = randomUniform(rng, 0, portableMath.PI)
    const [dx, dy] = [portableMath.cos(angle), portableMath.sin(angle)]
    const slender = randomUniform(rng, 1, 2.6)
    const seed = noiseSeed(rng)
    const dark = rng() < 0.6
    const [red, green, blue] = dark ? [0.1, 0.085, 0.07] : [0.62, 0.33, 0.12]
    return (x, y, point) => {
      part.surface(x, y, point)
      const along = ((x - cx) * dx + (y - cy) * dy) / slender
      const across = ((y - cy) * dx - (x - cx) * dy) * Math.sqrt(slender)
      const distance = Math.sqrt(along * along + across * across)
      if (distance > 1.6 * radius) return
      const inside = radius * (0.7 + 0.6 * fractalNoise(x * 48, y * 48, seed, 3)) - distance
      const cover = edge(-inside, pixel)
      if (cover === 0) return
      const lump = Math.sqrt(Math.max(0, inside) / radius)
      const mottle = 0.7 + 0.6 * fractalNoise(x * 110, y * 110, seed + 5, 2)
      point.height += 0.02 * lump + 0.004 * mottle
      point.coverage = Math.max(point.coverage, cover)
      point.red += cover * (red * mottle - point.red)
      point.green += cover * (green * mottle - point.green)
      point.blue += cover * (blue * mottle - point.blue)
      point.gloss *= 1 - 0.8 * cover
    }
  },

  crack,
  burn,
  distortion,
}

function lighten(point: SurfacePoint, amount: number): void {
  point.red += amount * (1 - point.red)
  point.green += amount * (1 - point.green)
  point.blue += amount * (1 - point.blue)
}
