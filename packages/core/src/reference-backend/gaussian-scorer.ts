import type { GaussianScorer, LowRankCovariance } from '../backend.ts'
import { assertTensor } from '../check.ts'
import { TabError } from '../errors.ts'
import { checkCovariance } from '../low-rank-covariance.ts'
import { tensor, type Tensor } from '../tensor.ts'
import { cholesky } from './cholesky.ts'

/**
 * Mahalanobis distance, in float64: |L^-1 (x - mean)| with L L^T = covariance, or for covariance = d I + F^T F by Woodbury's
 * identity, sqrt((|x - mean|^2 - |K^-1 F (x - mean)|^2) / d) with K K^T = d I + F F^T.
 */
export function gaussianScorer(mean: Tensor, covariance: Tensor | LowRankCovariance): GaussianScorer {
  assertTensor('gaussianScorer', 'mean', mean, ['P', 'D'])
  const [positions, dimension] = mean.shape as [number, number]
  const lowRank = checkCovariance('gaussianScorer', covariance, positions, dimension)
  const squaredDistance = lowRank ? woodbury(lowRank) : whitened((covariance as Tensor).data, positions, dimension)
  let disposed = false

  function score(vectors: Tensor): Tensor {
    if (disposed) throw new TabError('DISPOSED', { where: 'gaussianScorer.score', message: 'used after dispose()' })
    assertTensor('gaussianScorer.score', 'vectors', vectors, ['N', positions, dimension])
    const count = vectors.shape[0] as number
    const distances = new Float32Array(count * positions)
    const difference = new Float64Array(dimension)
    for (let item = 0; item < count * positions; item++) {
      const position = item % positions
      for (let i = 0; i < dimension; i++) {
        difference[i] = (vectors.data[item * dimension + i] as number) - (mean.data[position * dimension + i] as number)
      }
      distances[item] = Math.sqrt(squaredDistance(difference, position))
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

type SquaredDistance = (difference: Float64Array, position: number) => number

function whitened(covariance: Float32Array, positions: number, dimension: number): SquaredDistance {
  const factors = Array.from({ length: positions }, (_, position) =>
    cholesky(covariance, dimension, position * dimension * dimension),
  )
  return (difference, position) => squaredSolution(factors[position] as Float64Array, difference)
}

function woodbury({ diagonal, factors }: LowRankCovariance): SquaredDistance {
  const [positions, rank, dimension] = factors.shape as [number, number, number]
  const at = (position: number, row: number): Float32Array =>
    factors.data.subarray((position * rank + row) * dimension, (position * rank + row + 1) * dimension)
  const lower = Array.from({ length: positions }, (_, position) => {
    const inner = new Float64Array(rank * rank)
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j <= i; j++) {
        inner[i * rank + j] = dot(at(position, i), at(position, j)) + (i === j ? diagonal : 0)
      }
    }
    return cholesky(inner, rank, 0, position)
  })
  const projected = new Float64Array(rank)
  return (difference, position) => {
    for (let row = 0; row < rank; row++) projected[row] = dot(at(position, row), difference)
    const explained = squaredSolution(lower[position] as Float64Array, projected)
    return Math.max(0, dot(difference, difference) - explained) / diagonal
  }
}

/** |L^-1 x|^2 by forward substitution. */
function squaredSolution(lower: Float64Array, x: Float64Array): number {
  const length = x.length
  const solution = new Float64Array(length)
  let squared = 0
  for (let i = 0; i < length; i++) {
    let value = x[i] as number
    for (let k = 0; k < i; k++) value -= (lower[i * length + k] as number) * (solution[k] as number)
    value /= lower[i * length + i] as number
    solution[i] = value
    squared += value * value
  }
  return squared
}

function dot(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
