/**
 * Elementary functions made of +, -, *, / and sqrt. ECMAScript leaves Math.log, exp, sin, cos and pow to the engine
 * (V8 changed sin and cos between Node 20 and 22), so anything that must give the same bytes everywhere uses these.
 * Accurate to a few units in the last place.
 */

const { abs, floor, round, SQRT1_2, SQRT2, trunc } = Math // looking up a global is slow in sandboxes such as jest's

export const PI = 3.141592653589793

const LN2_HIGH = 0.6931471803691238 // the leading 33 bits, so that multiples of it are exact
const LN2_LOW = 1.9082149292705877e-10
const HALF_PI_HIGH = 1.5707963267341256
const HALF_PI_LOW = 6.077100506506192e-11

/** 2^exponent for a whole number, exact. */
function powerOfTwo(exponent: number): number {
  let result = 1
  let factor = exponent < 0 ? 0.5 : 2
  for (let rest = abs(exponent); rest > 0; rest = floor(rest / 2)) {
    if (rest % 2 === 1) result *= factor
    factor *= factor
  }
  return result
}

/**
 * The natural logarithm of x > 0; like Math.log, -Infinity at 0 and NaN below.
 * @example
 * ```ts
 * import { portableMath } from '@tab/core'
 * console.log(portableMath.log(portableMath.exp(2))) // 2
 * ```
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return Infinity
  let mantissa = x
  let exponent = 0
  for (; mantissa >= 4294967296; exponent += 32) mantissa /= 4294967296
  for (; mantissa < 1 / 4294967296; exponent -= 32) mantissa *= 4294967296
  for (; mantissa >= SQRT2; exponent++) mantissa /= 2
  for (; mantissa < SQRT1_2; exponent--) mantissa *= 2
  // log m = 2 artanh s, s = (m - 1) / (m + 1); |s| < 0.172, so s^23 is below the last place.
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let series = 0
  for (let power = 21; power >= 1; power -= 2) series = series * square + 1 / power
  return 2 * s * series + exponent * LN2_LOW + exponent * LN2_HIGH
}

/**
 * e^x.
 * @example
 * ```ts
 * import { portableMath } from '@tab/core'
 * console.log(portableMath.exp(0)) // 1
 * ```
 */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN
  if (x > 709.782712893384) return Infinity
  if (x < -745.2) return 0
  const exponent = round(x / (LN2_HIGH + LN2_LOW))
  const rest = x - exponent * LN2_HIGH - exponent * LN2_LOW
  let series = 1
  for (let order = 14; order >= 1; order--) series = 1 + (rest / order) * series
  // In two steps: 2^-1074 and 2^1024 are out of reach of one.
  const half = trunc(exponent / 2)
  return series * powerOfTwo(half) * powerOfTwo(exponent - half)
}

/**
 * base^exponent for base >= 0.
 * @example
 * ```ts
 * import { portableMath } from '@tab/core'
 * console.log(portableMath.pow(2, 10)) // 1024
 * ```
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1
  return base === 0 ? (exponent > 0 ? 0 : Infinity) : exp(exponent * log(base))
}

/** sin (quarter = 0) or cos (quarter = 1) by reduction to [-pi/4, pi/4]; |x| up to about 1e5. */
function circular(x: number, quarter: number): number {
  const turns = round(x / (HALF_PI_HIGH + HALF_PI_LOW))
  const rest = x - turns * HALF_PI_HIGH - turns * HALF_PI_LOW
  const square = rest * rest
  const quadrant = (((turns + quarter) % 4) + 4) % 4
  let series = 1
  if (quadrant % 2 === 0) {
    for (let order = 18; order >= 2; order -= 2) series = 1 - (square / (order * (order + 1))) * series
    series *= rest
  } else {
    for (let order = 18; order >= 2; order -= 2) series = 1 - (square / (order * (order - 1))) * series
  }
  return quadrant < 2 ? series : -series
}

/**
 * Sine of x radians, |x| up to about 1e5.
 * @example
 * ```ts
 * import { portableMath } from '@tab/core'
 * console.log(portableMath.sin(portableMath.PI / 2)) // 1
 * ```
 */
export function sin(x: number): number {
  return circular(x, 0)
}

/**
 * Cosine of x radians, |x| up to about 1e5.
 * @example
 * ```ts
 * import { portableMath } from '@tab/core'
 * console.log(portableMath.cos(0)) // 1
 * ```
 */
export function cos(x: number): number {
  return circular(x, 1)
}
