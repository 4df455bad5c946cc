import { cholesky } from '@tab/core'
import type { LowRankWhitening, Whitening } from './whitening.ts'

/** {@link Whitening} in textbook TypeScript: for every element, the same operations in the same order as in the kernel. */
export function whiteningReference(dimension: number): Whitening {
  const inverse = new Float64Array(dimension * dimension)
  return (covariance, target, position) => {
    const lower = cholesky(covariance, dimension, 0, position)
    inverse.fill(0)
    for (let i = dimension - 1; i >= 0; i--) {
      const row = inverse.subarray(i * dimension, (i + 1) * dimension)
      row[i] = 1
      for (let k = dimension - 1; k > i; k--) {
        const below = inverse.subarray(k * dimension, (k + 1) * dimension)
        subtract(row, lower[k * dimension + i] as number, below, k)
      }
      divide(row, lower[i * dimension + i] as number)
    }
    target.set(inverse)
  }
}

/** {@link LowRankWhitening} in TypeScript. */
export function lowRankWhiteningReference(rank: number, dimension: number, diagonal: number): LowRankWhitening {
  return (factors, project, expand, position) => {
    const inner = new Float64Array(rank * rank)
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? diagonal : 0
        for (let d = 0; d < dimension; d++) {
          sum += (factors[i * dimension + d] as number) * (factors[j * dimension + d] as number)
        }
        inner[i * rank + j] = sum
      }
    }
    const lower = cholesky(inner, rank, 0, position)
    const projection = solved(lower, factors, rank, dimension)
    for (let i = 0; i < rank; i++) {
      for (let d = 0; d < dimension; d++) project[d * rank + i] = projection[i * dimension + d] as number
      lower[i * rank + i] = (lower[i * rank + i] as number) + Math.sqrt(diagonal)
    }
    expand.set(solved(lower, factors, rank, dimension))
  }
}

/** L^-1 F by forward substitution. */
function solved(lower: Float64Array, factors: Float32Array, rank: number, dimension: number): Float64Array {
  const solution = Float64Array.from(factors)
  for (let i = 0; i < rank; i++) {
    const row = solution.subarray(i * dimension, (i + 1) * dimension)
    for (let k = 0; k < i; k++) {
      subtract(row, lower[i * rank + k] as number, solution.subarray(k * dimension, (k + 1) * dimension), 0)
    }
    divide(row, lower[i * rank + i] as number)
  }
  return solution
}

function subtract(row: Float64Array, factor: number, other: Float64Array, from: number): void {
  for (let j = from; j < row.length; j++) row[j] = (row[j] as number) - factor * (other[j] as number)
}

function divide(row: Float64Array, by: number): void {
  for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) / by
}
