import { checkNumber } from './check.ts'
import { TabError } from './errors.ts'
import { cos, log, PI, pow } from './portable-math.ts'
import { seedHash, type Words128 } from './seed-hash.ts'

const { floor, imul, sqrt } = Math // local names: looking up a global is slow in sandboxes such as jest's
const { isSafeInteger } = Number
const { isArray } = Array

/** A stream of uniform numbers in [0, 1): the only source of randomness in all packages. */
export type Rng = () => number

/** splitmix32 (after Steele, Lea & Flood 2014); fills the state of the generator. */
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

/** The state for a number: its two 32-bit halves, spread. */
function stateOfNumber(seed: number): Words128 {
  const fillLow = splitmix32(seed >>> 0)
  const fillHigh = splitmix32(floor(seed / 2 ** 32) ^ 0x5bf03635)
  const fill = (): number => fillLow() ^ fillHigh()
  return [fill(), fill(), fill(), fill() | 1] // the all-zero state is the generator's one fixed point
}

/** The state for a string: all 128 bits of its hash. */
function stateOfText(seed: string): Words128 {
  const [a, b, c, d] = seedHash(seed)
  return [a, b, c, (a | b | c | d) === 0 ? 1 : d]
}

/**
 * A seeded generator: xoshiro128** (Blackman & Vigna 2018), two draws per 53-bit uniform number. It uses integer arithmetic
 * only, so the same seed gives the same numbers on every platform.
 * @param seed a whole number from 0 to 2^53 - 1, or any string, which determines all 128 bits of the state
 * @throws INVALID_ARGUMENT for anything else
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * const [first, second] = [createRng(42), createRng(42)]
 * console.log(first() === second(), createRng('another seed')() === createRng(42)()) // true false
 * ```
 */
export function createRng(seed: number | string): Rng {
  if (typeof seed !== 'string') checkSeed('createRng', seed)
  let [a, b, c, d] = typeof seed === 'string' ? stateOfText(seed) : stateOfNumber(seed)

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
 * An independent stream for one item of a sequence, so that an item does not depend on who makes it, or in which order.
 * No two paths share a stream: a number differs from its digits, and a name with a separator from two names.
 * @param path names, and whole numbers from 0
 * @throws INVALID_ARGUMENT for any other number
 * @example
 * ```ts
 * import { deriveRng } from '@tab/core'
 * const rngOfImage12 = deriveRng('run 1', 'train', 12)
 * console.log(rngOfImage12() === deriveRng('run 1', 'train', 12)()) // true
 * ```
 */
export function deriveRng(seed: number | string, ...path: readonly (number | string)[]): Rng {
  const where = 'deriveRng'
  const name = (part: number | string, index: number): string => {
    if (typeof part === 'string') return `$${part.length}:${part}`
    return `#${checkSeed(where, part, index === 0 ? 'seed' : `part ${index} of the path`)}`
  }
  return createRng([seed, ...path].map(name).join('/'))
}

function checkSeed(where: string, value: unknown, name = 'seed'): number {
  if (isSafeInteger(value) && (value as number) >= 0) return value as number
  const expected = `${name} must be a string or a whole number from 0`
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(value) })
}

/** A checked draw: NaN or 1 would lead to a value out of bounds or an endless loop. */
function draw(where: string, rng: Rng): number {
  const value = rng()
  if (value >= 0 && value < 1) return value
  throw new TabError('INVALID_ARGUMENT', { where, expected: 'rng must give numbers in [0,1)', actual: String(value) })
}

/**
 * A whole number in [minimum, maximum], both included. All are equally likely: to 1 in 2^21 for up to 2^32 values, exactly for more.
 * @throws INVALID_ARGUMENT for bounds that are not safe integers, are in the wrong order, or span more than 2^53 values
 * @example
 * ```ts
 * import { createRng, randomInteger } from '@tab/core'
 * const rng = createRng(1)
 * console.log(Array.from({ length: 5 }, () => randomInteger(rng, 1, 6))) // [ 2, 3, 1, 1, 3 ]
 * ```
 */
export function randomInteger(rng: Rng, minimum: number, maximum: number): number {
  const distance = maximum - minimum
  if (!(isSafeInteger(minimum) && isSafeInteger(maximum) && distance >= 0 && isSafeInteger(distance))) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'randomInteger',
      expected: 'minimum and maximum must be whole numbers in order that span at most 2^53 values',
      actual: `${minimum} and ${maximum}`,
    })
  }
  const count = distance + 1
  if (count <= 4294967296) return minimum + floor(draw('randomInteger', rng) * count)
  // Numbers that fill no whole share of 2^53 are drawn again: at such widths some would come twice as often.
  const share = floor(9007199254740992 / count)
  for (;;) {
    const value = floor((draw('randomInteger', rng) * 9007199254740992) / share)
    if (value < count) return minimum + value
  }
}

/**
 * A number in [minimum, maximum); only rounding can reach `maximum`.
 * @throws INVALID_ARGUMENT for bounds that are not finite, are in the wrong order, or whose distance is not finite
 * @example
 * ```ts
 * import { createRng, randomUniform } from '@tab/core'
 * console.log(randomUniform(createRng(1), -1, 1).toFixed(4)) // -0.3681
 * ```
 */
export function randomUniform(rng: Rng, minimum: number, maximum: number): number {
  const width = maximum - minimum
  if (!(width >= 0 && width < Infinity)) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'randomUniform',
      expected: 'minimum and maximum must be finite numbers in order',
      actual: `${minimum} and ${maximum}`,
    })
  }
  return minimum + draw('randomUniform', rng) * width
}

/**
 * A standard normal number (Box & Muller 1958), the same on every platform.
 * @example
 * ```ts
 * import { createRng, randomNormal } from '@tab/core'
 * const rng = createRng(1)
 * const values = Array.from({ length: 10_000 }, () => randomNormal(rng))
 * console.log((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2)) // -0.01
 * ```
 */
export function randomNormal(rng: Rng): number {
  const radius = sqrt(-2 * log(1 - draw('randomNormal', rng)))
  return radius * cos(2 * PI * draw('randomNormal', rng))
}

/**
 * A Gamma(shape, scale) number (Marsaglia & Tsang 2000).
 * @param shape > 0
 * @param scale > 0
 * @throws INVALID_ARGUMENT for other values
 * @example
 * ```ts
 * import { createRng, randomGamma } from '@tab/core'
 * const rng = createRng(1)
 * const values = Array.from({ length: 10_000 }, () => randomGamma(rng, 2, 0.5))
 * console.log((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2)) // 0.99
 * ```
 */
export function randomGamma(rng: Rng, shape: number, scale: number): number {
  checkNumber('randomGamma', 'shape', shape, { above: 0 })
  checkNumber('randomGamma', 'scale', scale, { above: 0 })
  // For shape < 1 the method needs the boost Gamma(a) = Gamma(a + 1) * U^(1/a).
  if (shape < 1) return randomGamma(rng, shape + 1, scale) * pow(1 - draw('randomGamma', rng), 1 / shape)
  const d = shape - 1 / 3
  const c = 1 / sqrt(9 * d)
  for (;;) {
    const x = randomNormal(rng)
    const root = 1 + c * x
    const v = root * root * root
    if (v <= 0) continue
    if (log(1 - rng()) < 0.5 * x * x + d - d * v + d * log(v)) return d * v * scale
  }
}

/**
 * A copy of `items` in random order (Fisher & Yates).
 * @throws INVALID_ARGUMENT unless `items` is an array
 * @example
 * ```ts
 * import { createRng, shuffle } from '@tab/core'
 * console.log(shuffle(createRng(1), ['a', 'b', 'c', 'd'])) // [ 'c', 'a', 'd', 'b' ]
 * ```
 */
export function shuffle<T>(rng: Rng, items: readonly T[]): T[] {
  if (!isArray(items)) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'shuffle',
      expected: 'items must be an array',
      actual: String(items),
    })
  }
  const result = [...(items as readonly T[])]
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
 * @throws INVALID_ARGUMENT unless both are whole numbers from 0 and `count` is at most `population`
 * @example
 * ```ts
 * import { createRng, sampleIndices } from '@tab/core'
 * console.log(sampleIndices(createRng(1), 1000, 4)) // [ 111, 120, 315, 352 ]
 * ```
 */
export function sampleIndices(rng: Rng, population: number, count: number): number[] {
  checkNumber('sampleIndices', 'population', population, { integer: true, minimum: 0, maximum: 2 ** 32 - 1 })
  checkNumber('sampleIndices', 'count', count, { integer: true, minimum: 0 })
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
