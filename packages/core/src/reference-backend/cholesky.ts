import { TabError } from '../errors.ts'

/**
 * Lower triangular L with L L^T = the symmetric positive definite matrix at `offset`, in float64.
 * @param position the number of the Gaussian, for the message
 * @throws NUMERICAL when the matrix is not positive definite
 * @example
 * ```ts
 * import { cholesky } from '@tab/core'
 * console.log(cholesky(Float64Array.of(4, 2, 2, 5), 2)) // Float64Array(4) [ 2, 0, 1, 2 ]
 * ```
 */
export function cholesky(
  matrix: Float32Array | Float64Array,
  dimension: number,
  offset = 0,
  position: number = offset / (dimension * dimension),
): Float64Array {
  const lower = new Float64Array(dimension * dimension)
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[offset + i * dimension + j] as number
      for (let k = 0; k < j; k++) sum -= (lower[i * dimension + k] as number) * (lower[j * dimension + k] as number)
      if (i !== j) {
        lower[i * dimension + j] = sum / (lower[j * dimension + j] as number)
      } else if (sum > 0) {
        lower[i * dimension + i] = Math.sqrt(sum)
      } else {
        throw notPositiveDefinite(sum, i, position)
      }
    }
  }
  return lower
}

/**
 * The error for a pivot of 0 or less.
 * @example
 * ```ts
 * import { notPositiveDefinite } from '@tab/core'
 * console.log(notPositiveDefinite(-0.5, 1, 0).message) // gaussianScorer: covariance must be positive definite, got pivot -0.5 in row 1 of position 0
 * ```
 */
export function notPositiveDefinite(pivot: number, row: number, position: number): TabError {
  return new TabError('NUMERICAL', {
    where: 'gaussianScorer',
    expected: 'covariance must be positive definite',
    actual: `pivot ${pivot} in row ${row} of position ${position}`,
  })
}
