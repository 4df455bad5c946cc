import { portableMath, randomInteger, randomUniform, type Rng } from '@tab/core'
import type { Pixels } from '../image/bilinear.ts'
import { perlinNoise } from './perlin.ts'

/** Built-in textures, so that no texture data set has to be downloaded. */
export const TEXTURE_KINDS = ['clouds', 'stripes', 'weave', 'speckle'] as const
export type TextureKind = (typeof TEXTURE_KINDS)[number]

type Colour = readonly [number, number, number]

/** A texture in two random colours. */
export function proceduralTexture(rng: Rng, height: number, width: number): { kind: TextureKind; texture: Pixels } {
  const kind = TEXTURE_KINDS[randomInteger(rng, 0, TEXTURE_KINDS.length - 1)] as TextureKind
  const weights = WEIGHTS[kind](rng, height, width)
  const colour = (): Colour => [rng(), rng(), rng()]
  const [first, second] = [colour(), colour()]
  const data = new Float32Array(height * width * 3)
  for (let pixel = 0, at = 0; pixel < weights.length; pixel++) {
    const weight = weights[pixel] as number
    for (let channel = 0; channel < 3; channel++, at++) {
      const [a, b] = [first[channel] as number, second[channel] as number]
      data[at] = a + weight * (b - a)
    }
  }
  return { kind, texture: { height, width, data } }
}

/** How much of the second colour each pixel has, in [0,1]. */
const WEIGHTS: Readonly<Record<TextureKind, (rng: Rng, height: number, width: number) => Float32Array>> = {
  clouds(rng, height, width) {
    const cells = 2 ** randomInteger(rng, 2, 4)
    const coarse = perlinNoise(rng, height, width, [cells, cells], 0)
    const fine = perlinNoise(rng, height, width, [cells * 3, cells * 3], 0)
    return coarse.map((value, i) => unit(0.5 + 0.6 * value + 0.3 * (fine[i] as number)))
  },
  stripes(rng, height, width) {
    const angle = randomUniform(rng, 0, portableMath.PI)
    const period = randomUniform(rng, 4, 24)
    const [dy, dx] = [portableMath.sin(angle) / period, portableMath.cos(angle) / period]
    const warp = perlinNoise(rng, height, width, [4, 4], 0)
    return warp.map((bend, pixel) => wave(Math.floor(pixel / width) * dy + (pixel % width) * dx + 0.5 * bend))
  },
  weave(rng, height, width) {
    const period = randomUniform(rng, 4, 12)
    const weights = new Float32Array(height * width)
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const over = (Math.floor(y / period) + Math.floor(x / period)) % 2 === 0
        weights[at] = wave((over ? y : x) / period)
      }
    }
    return weights
  },
  speckle(rng, height, width) {
    const noise = perlinNoise(rng, height, width, [height / 4, width / 4], 0)
    const threshold = randomUniform(rng, 0, 0.3)
    return noise.map((value) => unit((value - threshold) * 6))
  },
}

/** A triangle wave with period 1, in [0,1]. */
function wave(phase: number): number {
  const place = phase - Math.floor(phase)
  return place < 0.5 ? 2 * place : 2 - 2 * place
}

function unit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
