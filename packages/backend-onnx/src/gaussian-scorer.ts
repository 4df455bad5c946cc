import { assertTensor, cholesky, TabError, tensor, type GaussianScorer, type Tensor } from '@tab/core'
import type { OrtModule } from './ort.ts'
import type { SerialSession } from './serial-session.ts'

/** Mahalanobis distances by one batched product with the inverse Cholesky factor of each position. */
export function gaussianScorer(
  ort: OrtModule,
  session: SerialSession,
  mean: Tensor,
  covariance: Tensor,
): GaussianScorer {
  const where = 'onnxBackend.gaussianScorer'
  assertTensor(where, 'mean', mean, ['P', 'D'])
  const [positions, dimension] = mean.shape as [number, number]
  assertTensor(where, 'covariance', covariance, [positions, dimension, dimension])
  const whitening = new Float32Array(covariance.data.length)
  for (let position = 0; position < positions; position++) {
    const offset = position * dimension * dimension
    writeInverseTransposed(cholesky(covariance.data, dimension, offset), dimension, whitening, offset)
  }
  const constants = {
    mean: new ort.Tensor('float32', mean.data, mean.shape),
    whitening: new ort.Tensor('float32', whitening, covariance.shape),
  }
  let disposed = false

  return {
    positions,
    dimension,
    async score(vectors) {
      if (disposed) throw new TabError('DISPOSED', { where: `${where}.score`, message: 'used after dispose()' })
      assertTensor(`${where}.score`, 'vectors', vectors, ['N', positions, dimension])
      const feeds = { vectors: new ort.Tensor('float32', vectors.data, vectors.shape), ...constants }
      const { scores } = await session.run(feeds, ['scores'])
      return tensor([vectors.shape[0] as number, positions], scores?.data as Float32Array)
    },
    dispose() {
      disposed = true
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
