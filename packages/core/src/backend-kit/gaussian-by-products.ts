import type { GaussianScorer } from '../backend.ts'
import { assertTensor } from '../check.ts'
import { TabError } from '../errors.ts'
import { cholesky } from '../reference-backend/gaussian-scorer.ts'
import { tensor, type Tensor } from '../tensor.ts'

/** The Gaussians where an engine makes its products. */
export interface LoadedGaussians {
  /** |(x - mean) (L^-1)^T| of vectors [N,P,D]: values [N,P]. */
  score(vectors: Tensor): Promise<Float32Array>
  dispose(): void
}

export interface GaussianByProductsOptions {
  /** The operation, for messages: `onnxBackend.gaussianScorer`. */
  readonly where: string
  /** [P,D] */
  readonly mean: Tensor
  /** [P,D,D] */
  readonly covariance: Tensor
  /** Hands the means [P,D] and the whitening matrices (L^-1)^T [P,D,D] to the engine. */
  readonly load: (mean: Tensor, whitening: Tensor) => LoadedGaussians
}

/** The Gaussian scorer of a backend that is fast at matrix products: one batched product with the inverse Cholesky factors. */
export function gaussianByProducts({ where, mean, covariance, load }: GaussianByProductsOptions): GaussianScorer {
  assertTensor(where, 'mean', mean, ['P', 'D'])
  const [positions, dimension] = mean.shape as [number, number]
  assertTensor(where, 'covariance', covariance, [positions, dimension, dimension])
  const whitening = new Float32Array(covariance.data.length)
  for (let position = 0; position < positions; position++) {
    const offset = position * dimension * dimension
    writeInverseTransposed(cholesky(covariance.data, dimension, offset), dimension, whitening, offset)
  }
  const loaded = load(mean, tensor(covariance.shape, whitening))
  let disposed = false

  return {
    positions,
    dimension,
    async score(vectors) {
      if (disposed) throw new TabError('DISPOSED', { where: `${where}.score`, message: 'used after dispose()' })
      assertTensor(`${where}.score`, 'vectors', vectors, ['N', positions, dimension])
      return tensor([vectors.shape[0] as number, positions], await loaded.score(vectors))
    },
    dispose() {
      if (disposed) return
      disposed = true
      loaded.dispose()
    },
  }
}

/** (L^-1)^T of a lower triangular L, by forward substitution on the columns of the identity. */
function writeInverseTransposed(lower: Float64Array, dimension: number, target: Float32Array, offset: number): void {
  const column = new Float64Array(dimension)
  for (let j = 0; j < dimension; j++) {
    for (let i = j; i < dimension; i++) {
      let value = i === j ? 1 : 0
      for (let k = j; k < i; k++) value -= (lower[i * dimension + k] as number) * (column[k] as number)
      value /= lower[i * dimension + i] as number
      column[i] = value
      target[offset + j * dimension + i] = value
    }
  }
}
