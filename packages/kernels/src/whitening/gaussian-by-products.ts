import {
  assertTensor,
  checkCovariance,
  createPause,
  TabError,
  tensor,
  type GaussianScorer,
  type LowRankCovariance,
  type Tensor,
} from '@tab/core'
import { lowRankWhiteningOf, whiteningOf } from './whitening.ts'

/** Gaussians loaded into an engine. */
export interface LoadedGaussians {
  /** The norms [N,P] of the whitened vectors [N,P,D]. */
  score(vectors: Tensor): Promise<Float32Array>
  dispose(): void
}

export interface GaussianByProductsOptions {
  /** The operation, for messages: `onnxBackend.gaussianScorer`. */
  readonly where: string
  /** [P,D] */
  readonly mean: Tensor
  /** [P,D,D], or the low-rank form. */
  readonly covariance: Tensor | LowRankCovariance
  /** Loads means [P,D] and matrices W [P,D,D] into the engine, which whitens x to (x - mean) W. */
  readonly load: (mean: Tensor, whitening: Tensor) => LoadedGaussians
  /** Loads means [P,D], A [P,D,R] and B [P,R,D] into the engine, which whitens x to y - (y A) B with y = x - mean. */
  readonly loadLowRank: (mean: Tensor, project: Tensor, expand: Tensor) => LoadedGaussians
}

/**
 * The Gaussian scorer of a backend with fast matrix products: one batched product with the inverse Cholesky factors, or two thin
 * ones for a low rank. If the rank is not low (2 R > D), the full matrix takes less memory and is used instead.
 * @example
 * ```ts
 * import { tensor, type Tensor } from '@tab/core'
 * import { gaussianByProducts, type LoadedGaussians } from '@tab/kernels'
 * // An engine for a single Gaussian: |(x - mean) W| for each vector.
 * const load = (mean: Tensor, { data: w }: Tensor): LoadedGaussians => ({
 *   score: async ({ data }) => data.map((x) => Math.abs((x - mean.data[0]!) * w[0]!)),
 *   dispose: () => undefined,
 * })
 * const [mean, covariance] = [tensor([1, 1], Float32Array.of(3)), tensor([1, 1, 1], Float32Array.of(4))]
 * const scorer = await gaussianByProducts({ where: 'myBackend', mean, covariance, load, loadLowRank: load })
 * console.log((await scorer.score(tensor([1, 1, 1], Float32Array.of(9)))).data) // Float32Array(1) [ 3 ]
 * ```
 */
export async function gaussianByProducts(options: GaussianByProductsOptions): Promise<GaussianScorer> {
  const { where, mean, covariance } = options
  assertTensor(where, 'mean', mean, ['P', 'D'])
  const [positions, dimension] = mean.shape as [number, number]
  const lowRank = checkCovariance(where, covariance, positions, dimension)
  const thin = lowRank !== undefined && 2 * (lowRank.factors.shape[1] as number) <= dimension
  const scale = thin ? 1 / Math.sqrt(lowRank.diagonal) : 1
  const loaded = thin
    ? await loadLowRank(options, lowRank, positions, dimension)
    : await loadWhitening(options, lowRank, positions, dimension)
  let disposed = false

  return {
    positions,
    dimension,
    async score(vectors) {
      if (disposed) throw new TabError('DISPOSED', { where: `${where}.score`, message: 'used after dispose()' })
      assertTensor(`${where}.score`, 'vectors', vectors, ['N', positions, dimension])
      const norms = await loaded.score(vectors)
      const distances = scale === 1 ? norms : norms.map((norm) => norm * scale)
      return tensor([vectors.shape[0] as number, positions], distances)
    },
    dispose() {
      if (disposed) return
      disposed = true
      loaded.dispose()
    },
  }
}

async function loadWhitening(
  { where, mean, covariance, load }: GaussianByProductsOptions,
  lowRank: LowRankCovariance | undefined,
  positions: number,
  dimension: number,
): Promise<LoadedGaussians> {
  const area = dimension * dimension
  const whitening = new Float32Array(positions * area)
  const whiten = await whiteningOf(dimension)
  const own = (position: number): Float32Array =>
    (covariance as Tensor).data.subarray(position * area, (position + 1) * area)
  const covarianceAt = lowRank ? writtenOut(lowRank) : own
  const pause = createPause(where)
  for (let position = 0; position < positions; position++) {
    whiten(covarianceAt(position), whitening.subarray(position * area, (position + 1) * area), position)
    await pause()
  }
  return load(mean, tensor([positions, dimension, dimension], whitening))
}

async function loadLowRank(
  { where, mean, loadLowRank: load }: GaussianByProductsOptions,
  { diagonal, factors }: LowRankCovariance,
  positions: number,
  dimension: number,
): Promise<LoadedGaussians> {
  const rank = factors.shape[1] as number
  const length = rank * dimension
  const [project, expand] = [new Float32Array(positions * length), new Float32Array(positions * length)]
  const whiten = await lowRankWhiteningOf(rank, dimension, diagonal)
  const pause = createPause(where)
  for (let position = 0; position < positions; position++) {
    const [from, to] = [position * length, (position + 1) * length]
    whiten(factors.data.subarray(from, to), project.subarray(from, to), expand.subarray(from, to), position)
    await pause()
  }
  return load(mean, tensor([positions, dimension, rank], project), tensor([positions, rank, dimension], expand))
}

/** The matrix d I + F^T F of one position, in an array that the next call overwrites. */
function writtenOut({ diagonal, factors }: LowRankCovariance): (position: number) => Float32Array {
  const [, rank, dimension] = factors.shape as [number, number, number]
  const matrix = new Float32Array(dimension * dimension)
  const sums = new Float64Array(dimension)
  return (position) => {
    const own = factors.data.subarray(position * rank * dimension, (position + 1) * rank * dimension)
    for (let i = 0; i < dimension; i++) {
      sums.fill(0)
      sums[i] = diagonal
      for (let row = 0; row < own.length; row += dimension) {
        const factor = own[row + i] as number
        for (let j = 0; j <= i; j++) sums[j] = (sums[j] as number) + factor * (own[row + j] as number)
      }
      for (let j = 0; j <= i; j++) matrix[i * dimension + j] = matrix[j * dimension + i] = sums[j] as number
    }
    return matrix
  }
}
