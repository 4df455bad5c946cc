import { checkNumber } from './check.ts'
import { TabError } from './errors.ts'
import { cos, log, PI, pow } from './portable-math.ts'
import { seedHash, type Words128 } from './seed-hash.ts'

const { floor, imul, sqrt } = Math // local names: looking up a global is slow in sandboxes such as jest's
const { isSafeInteger } = Number
const { isArray } = Array

/** A stream of uniform numbers in [0, 1): the only source of randomness in all packages. */
export type Rng = () => number

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

/** State of a number's stream: its two 32-bit halves, spread. */
function stateOfNumber(seed: number): Words128 {
  const fillLow = splitmix32(seed >>> 0)
  const fillHigh = splitmix32(floor(seed / 2 ** 32) ^ 0x5bf03635)
  const fill = (): number => fillLow() ^ fillHigh()
  return [fill(), fill(), fill(), fill() | 1] // the all-zero state is the generator's one fixed point
}

/** State of a string's stream: all 128 bits of its hash. */
function stateOfText(seed: string): Words128 {
  const [a, b, c, d] = seedHash(seed)
  return [a, b, c, (a | b | c | d) === 0 ? 1 : d]
}

/**
 * A seeded generator: xoshiro128** (Blackman & Vigna 2018), two draws to a 53-bit uniform number. Integer arithmetic
 * alone, so the same seed gives the same numbers on every platform.
 * @param seed a whole number from 0 to 2^53 - 1, or any string, of which all 128 bits of the state are made
 * @throws INVALID_ARGUMENT for anything else
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
 * An independent stream for one item of a sequence, so that item `index` is the same whoever makes it and in whatever order.
 * No two paths share a stream: neither a number and its digits, nor names that hold a separator.
 * @param path names, and whole numbers from 0
 * @throws INVALID_ARGUMENT for another number
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

/** A draw, checked: one of NaN or 1 would become a value out of bounds, or a loop without end. */
function draw(where: string, rng: Rng): number {
  const value = rng()
  if (value >= 0 && value < 1) return value
  throw new TabError('INVALID_ARGUMENT', { where, expected: 'rng must give numbers in [0,1)', actual: String(value) })
}

/**
 * A whole number in [minimum, maximum], both included, each as likely: to 1 in 2^21 for ranges up to 2^32 values, exactly for wider ones.
 * @throws INVALID_ARGUMENT for ends that are no safe integers, in the wrong order, or more than 2^53 values apart
 */
export function randomInteger(rng: Rng, minimum: number, maximum: number): number {
  const distance = maximum - minimum
  if (!(isSafeInteger(minimum) && isSafeInteger(maximum) && distance >= 0 && isSafeInteger(distance))) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'randomInteger',
      expected: 'minimum and maximum must be whole numbers in order, with 2^53 values at most',
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
 * A number from `minimum` up; `maximum` is reached by rounding alone.
 * @throws INVALID_ARGUMENT for ends that are not finite, in the wrong order, or so far apart that their distance is not finite
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

/** A standard normal number (Box & Muller 1958), by arithmetic that is the same on every platform. */
export function randomNormal(rng: Rng): number {
  const radius = sqrt(-2 * log(1 - draw('randomNormal', rng)))
  return radius * cos(2 * PI * draw('randomNormal', rng))
}

/**
 * A Gamma(shape, scale) number (Marsaglia & Tsang 2000).
 * @param shape > 0
 * @param scale > 0
 * @throws INVALID_ARGUMENT for others
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
 * @throws INVALID_ARGUMENT for what is no array
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
 * @throws INVALID_ARGUMENT for counts that are no whole numbers from 0, and when `count` is more than `population`
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
