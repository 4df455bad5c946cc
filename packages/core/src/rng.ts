import { TabError } from './errors.ts'
import { cos, log, PI, pow } from './portable-math.ts'

const { imul } = Math // a local name: looking up a global is slow in sandboxes such as jest's

/** A stream of uniform numbers in [0, 1): the only source of randomness in all packages. */
export type Rng = () => number

/** 32-bit FNV-1a of a string's UTF-16 code units, then mixed; spreads seeds that differ in one character. */
function hashString(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** splitmix32 (after Steele, Lea & Flood 2014), used to fill the state of the generator. */
function splitmix32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = imul(z ^ (z >>> 16), 0x21f0aaad)
    z = imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}

/**
 * A seeded generator: xoshiro128** (Blackman & Vigna 2018), two draws to a 53-bit uniform number. Integer arithmetic
 * alone, so the same seed gives the same numbers on every platform.
 * @param seed a whole number from 0 to 2^53 - 1, or any string
 * @throws INVALID_ARGUMENT for another number
 */
export function createRng(seed: number | string): Rng {
  if (typeof seed === 'number' && !(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'createRng',
      expected: 'seed must be a string or a whole number from 0',
      actual: String(seed),
    })
  }
  const low = typeof seed === 'string' ? hashString(seed) : seed >>> 0
  const high = typeof seed === 'string' ? hashString(`${seed}\u0000`) : Math.floor(seed / 2 ** 32)
  const fillLow = splitmix32(low)
  const fillHigh = splitmix32(high ^ 0x5bf03635)
  let a = fillLow() ^ fillHigh()
  let b = fillLow() ^ fillHigh()
  let c = fillLow() ^ fillHigh()
  let d = (fillLow() ^ fillHigh()) | 1 // the all-zero state is the generator's one fixed point

  const next = (): number => {
    const product = imul(b, 5)
    const result = imul((product << 7) | (product >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result >>> 0
  }
  return () => {
    const upper = next() >>> 5
    const lower = next() >>> 6
    return (upper * 67108864 + lower) / 9007199254740992
  }
}

/**
 * An independent stream for one item of a sequence, so that item `index` is the same whoever makes it and in whatever order.
 */
export function deriveRng(seed: number | string, ...path: readonly (number | string)[]): Rng {
  return createRng([seed, ...path].map((part) => `${typeof part === 'number' ? '#' : '$'}${part}`).join('/'))
}

/** A whole number in [minimum, maximum], both included. */
export function randomInteger(rng: Rng, minimum: number, maximum: number): number {
  return minimum + Math.floor(rng() * (maximum - minimum + 1))
}

/** A number in [minimum, maximum). */
export function randomUniform(rng: Rng, minimum: number, maximum: number): number {
  return minimum + rng() * (maximum - minimum)
}

/** A standard normal number (Box & Muller 1958), by arithmetic that is the same on every platform. */
export function randomNormal(rng: Rng): number {
  const radius = Math.sqrt(-2 * log(1 - rng()))
  return radius * cos(2 * PI * rng())
}

/**
 * A Gamma(shape, scale) number (Marsaglia & Tsang 2000).
 * @param shape > 0
 * @param scale > 0
 */
export function randomGamma(rng: Rng, shape: number, scale: number): number {
  // For shape < 1 the method needs the boost Gamma(a) = Gamma(a + 1) * U^(1/a).
  if (shape < 1) return randomGamma(rng, shape + 1, scale) * pow(1 - rng(), 1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = randomNormal(rng)
    const root = 1 + c * x
    const v = root * root * root
    if (v <= 0) continue
    if (log(1 - rng()) < 0.5 * x * x + d - d * v + d * log(v)) return d * v * scale
  }
}

/** A copy of `items` in random order (Fisher & Yates). */
export function shuffle<T>(rng: Rng, items: readonly T[]): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = randomInteger(rng, 0, i)
    const held = result[i] as T
    result[i] = result[j] as T
    result[j] = held
  }
  return result
}

/**
 * `count` different whole numbers from 0 to `population - 1`, in ascending order.
 * @throws INVALID_ARGUMENT when `count` is more than `population`
 */
export function sampleIndices(rng: Rng, population: number, count: number): number[] {
  if (count > population) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'sampleIndices',
      expected: `count must be at most ${population}`,
      actual: String(count),
    })
  }
  const order = Array.from({ length: population }, (_, index) => index)
  for (let i = 0; i < count; i++) {
    const j = randomInteger(rng, i, population - 1)
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
  return order.slice(0, count).sort((left, right) => left - right)
}
