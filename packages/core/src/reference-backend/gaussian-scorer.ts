import type { GaussianScorer } from '../backend.ts'
import { assertTensor } from '../check.ts'
import { TabError } from '../errors.ts'
import { tensor, type Tensor } from '../tensor.ts'

/**
 * Lower triangular L with L L^T = the symmetric positive definite matrix at `offset`, in float64.
 * @throws NUMERICAL when the matrix is not positive definite
 */
export function cholesky(matrix: Float32Array | Float64Array, dimension: number, offset = 0): Float64Array {
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
        throw new TabError('NUMERICAL', {
          where: 'gaussianScorer',
          expected: 'covariance must be positive definite',
          actual: `pivot ${sum} in row ${i} of position ${offset / (dimension * dimension)}`,
        })
      }
    }
  }
  return lower
}

/** Mahalanobis distance |L^-1 (x - mean)| with one Cholesky factor per position. */
export function gaussianScorer(mean: Tensor, covariance: Tensor): GaussianScorer {
  assertTensor('gaussianScorer', 'mean', mean, ['P', 'D'])
  const [positions, dimension] = mean.shape as [number, number]
  assertTensor('gaussianScorer', 'covariance', covariance, [positions, dimension, dimension])
  const factors = Array.from({ length: positions }, (_, position) =>
    cholesky(covariance.data, dimension, position * dimension * dimension),
  )
  let disposed = false

  function score(vectors: Tensor): Tensor {
    if (disposed) throw new TabError('DISPOSED', { where: 'gaussianScorer.score', message: 'used after dispose()' })
    assertTensor('gaussianScorer.score', 'vectors', vectors, ['N', positions, dimension])
    const count = vectors.shape[0] as number
    const distances = new Float32Array(count * positions)
    const whitened = new Float64Array(dimension)
    for (let item = 0; item < count * positions; item++) {
      const position = item % positions
      const lower = factors[position] as Float64Array
      let squared = 0
      for (let i = 0; i < dimension; i++) {
        let value = (vectors.data[item * dimension + i] as number) - (mean.data[position * dimension + i] as number)
        for (let k = 0; k < i; k++) value -= (lower[i * dimension + k] as number) * (whitened[k] as number)
        value /= lower[i * dimension + i] as number
        whitened[i] = value
        squared += value * value
      }
      distances[item] = Math.sqrt(squared)
    }
    return tensor([count, positions], distances)
  }

  return {
    positions,
    dimension,
    score: async (vectors) => score(vectors),
    dispose() {
      disposed = true
    },
  }
}
