import { portableMath } from '@tab/core'

/** The discrete sine transform (type I) of one length; applied twice it multiplies by (length + 1) / 2. */
export interface SineTransform {
  /** 2 cos(pi k / (length + 1)) - 2 for k = 1 to length: the eigenvalues of the second difference with zeros outside. */
  readonly eigenvalues: Float64Array
  /** @param values,out [lines * length], two distinct arrays; each line is transformed separately */
  apply(values: Float64Array, out: Float64Array, lines: number): void
}

/**
 * A matrix product, halved by the symmetry of sines (odd frequencies use sums of mirrored values, even ones differences).
 * Patches have at most a few hundred pixels per side, where half a product beats a fast transform of awkward length.
 */
export function sineTransform(length: number): SineTransform {
  const period = 2 * (length + 1)
  const sines = Float64Array.from({ length: period }, (_, i) => portableMath.sin((2 * portableMath.PI * i) / period))
  const half = (length + 1) >> 1
  const odd = (length + 1) >> 1 // frequencies 1, 3, ...
  const even = length >> 1
  const [oddRows, evenRows] = [new Float64Array(odd * half), new Float64Array(even * half)]
  for (let k = 1; k <= length; k++) {
    const rows = k % 2 === 1 ? oddRows : evenRows
    const row = ((k - 1) >> 1) * half
    for (let j = 0; j < half; j++) rows[row + j] = sines[(k * (j + 1)) % period] as number
  }
  const [sums, differences] = [new Float64Array(half), new Float64Array(half)]
  return {
    eigenvalues: Float64Array.from(
      { length },
      (_, k) => 2 * portableMath.cos((portableMath.PI * (k + 1)) / (length + 1)) - 2,
    ),
    apply(values, out, lines) {
      for (let first = 0; first < lines * length; first += length) {
        for (let j = 0; j < half; j++) {
          const [left, right] = [values[first + j] as number, values[first + length - 1 - j] as number]
          sums[j] = left + right
          differences[j] = left - right
        }
        if (length % 2 === 1) sums[half - 1] = values[first + half - 1] as number // the middle has no mirror
        product(oddRows, sums, out, first)
        product(evenRows, differences, out, first + 1)
      }
    },
  }
}

/** The product of a matrix and a vector, written to every second place; four sums at a time keep the processor busy. */
function product(rows: Float64Array, vector: Float64Array, out: Float64Array, first: number): void {
  const length = vector.length
  let [row, to] = [0, first]
  for (; row + 4 * length <= rows.length; row += 4 * length, to += 8) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let j = 0, at = row; j < length; j++, at++) {
      const value = vector[j] as number
      a += value * (rows[at] as number)
      b += value * (rows[at + length] as number)
      c += value * (rows[at + 2 * length] as number)
      d += value * (rows[at + 3 * length] as number)
    }
    out[to] = a
    out[to + 2] = b
    out[to + 4] = c
    out[to + 6] = d
  }
  for (; row < rows.length; row += length, to += 2) {
    let sum = 0
    for (let j = 0; j < length; j++) sum += (vector[j] as number) * (rows[row + j] as number)
    out[to] = sum
  }
}
