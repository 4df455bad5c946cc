import { TabError } from './errors.ts'

const INFINITY = 0x7c00 // as bits of a half

/** The exact values of half-precision numbers (IEEE 754 binary16), given by their bits. */
export function fromHalves(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length)
  const numbers = new Float32Array(words.buffer)
  for (let index = 0; index < halves.length; index++) {
    const bits = halves[index] as number
    const sign = (bits & 0x8000) << 16
    const exponent = (bits >> 10) & 0x1f
    const fraction = bits & 0x3ff
    if (exponent === 0) numbers[index] = (sign < 0 ? -1 : 1) * fraction * 2 ** -24
    else words[index] = sign | ((exponent === 0x1f ? 0xff : exponent + 112) << 23) | (fraction << 13)
  }
  return numbers
}

/**
 * Rounds float32 numbers to half precision, ties to the even one; infinities and NaN stay what they are.
 * @returns their bits
 * @throws NUMERICAL naming the first finite number that no finite half is near: from 65520 on
 */
export function toHalves(where: string, numbers: Float32Array): Uint16Array {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
  const halves = new Uint16Array(words.length)
  for (let index = 0; index < words.length; index++) {
    const bits = (halves[index] = roundToHalf(words[index] as number))
    if ((bits & 0x7fff) === INFINITY && Number.isFinite(numbers[index])) {
      const actual = `${String(numbers[index])} at ${index}`
      throw new TabError('NUMERICAL', { where, expected: 'numbers between -65520 and 65520 for float16', actual })
    }
  }
  return halves
}

function roundToHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000
  const exponent = (word >>> 23) & 0xff
  const fraction = word & 0x7fffff
  if (exponent === 0xff) return sign | INFINITY | (fraction ? 0x200 : 0)
  if (exponent > 142) return sign | INFINITY // from 2^16 on
  const isNormal = exponent > 112 // from 2^-14 on
  const dropped = isNormal ? 13 : 126 - exponent // bits of the significand
  if (dropped > 24) return sign
  const significand = fraction | 0x800000
  const kept = significand >>> dropped
  const rest = significand - (kept << dropped)
  const tie = 1 << (dropped - 1)
  const rounded = kept + (rest > tie || (rest === tie && kept % 2 === 1) ? 1 : 0)
  return sign | (isNormal ? rounded + ((exponent - 113) << 10) : rounded) // a carry is the next exponent
}
