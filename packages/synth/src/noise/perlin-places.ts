import { portableMath, randomInteger, randomUniform, type Rng } from '@tab/core'
import type { Range } from '../options.ts'
import { perlinNoise } from './perlin.ts'

export interface PerlinPlaces {
  /** Indices of the pixels where the noise is above the threshold, row-major. */
  readonly places: Int32Array
  /** The number of lattice cells along height and width. */
  readonly gridCells: [number, number]
  /** In degrees. */
  readonly angle: number
}

/**
 * Where rotated Perlin noise with a random number of cells exceeds a threshold.
 * @param exponents the noise has 2^k cells per axis, with a whole k from this range
 * @param allowed [H*W], where places may be; undefined for anywhere
 */
export function perlinPlaces(
  rng: Rng,
  height: number,
  width: number,
  exponents: Range,
  threshold: number,
  allowed?: Uint8Array,
): PerlinPlaces {
  const cells = (): number => 2 ** randomInteger(rng, exponents[0], exponents[1])
  const gridCells: [number, number] = [cells(), cells()]
  const angle = randomUniform(rng, -90, 90)
  const noise = perlinNoise(rng, height, width, gridCells, (angle / 180) * portableMath.PI)
  const places = new Int32Array(noise.length)
  let count = 0
  for (let pixel = 0; pixel < noise.length; pixel++) {
    if ((noise[pixel] as number) > threshold && (!allowed || allowed[pixel] === 1)) places[count++] = pixel
  }
  return { places: places.subarray(0, count), gridCells, angle }
}
