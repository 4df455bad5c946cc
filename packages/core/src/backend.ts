import type { Tensor } from './tensor.ts'

export interface MatmulOptions {
  /** Multiply by the transpose of `b`, given as [N,K]. Default false: `b` is [K,N]. */
  readonly transposeB?: boolean
}

/**
 * Where the heavy linear algebra runs: a few coarse operations, each with its reference in {@link referenceBackend}.
 * An implementation is correct when it passes `describeBackend` of `@tab/core/testing`.
 */
export interface Backend {
  readonly name: string
  /** Matrix product of a [M,K] and b [K,N]: [M,N]. */
  matmul(a: Tensor, b: Tensor, options?: MatmulOptions): Promise<Tensor>
  /** Loads a bank of vectors [B,D], B >= 1, for exact Euclidean search; the bank stays where the backend computes. */
  searchIndex(bank: Tensor): Promise<SearchIndex>
  /** Loads one Gaussian per position: mean [P,D] and symmetric positive definite covariance, [P,D,D] or in low-rank form. */
  gaussianScorer(mean: Tensor, covariance: Tensor | LowRankCovariance): Promise<GaussianScorer>
  /**
   * Frees what the backend, its indexes and its scorers hold on the engine. It may be called again; any later use of them throws DISPOSED.
   */
  dispose(): void
}

/**
 * Covariances estimated from few vectors in many dimensions: diagonal I + the sum over r of f_r f_r^T. R vectors f per position
 * replace a matrix [D,D] of much lower rank than D.
 */
export interface LowRankCovariance {
  /** Above 0. */
  readonly diagonal: number
  /** [P,R,D], R >= 1 */
  readonly factors: Tensor
}

export interface Neighbors {
  /** Euclidean distances [Q,k], ascending within each row, accurate near 0. */
  readonly distances: Tensor
  /** Rows of the bank [Q,k]; of equal distances, the lower index comes first. */
  readonly indices: Tensor<'int32'>
}

export interface SearchIndex {
  /** The number of vectors in the bank. */
  readonly size: number
  readonly dimension: number
  /** The k nearest bank vectors of each query [Q,D]; 1 <= k <= size. */
  search(queries: Tensor, k: number): Promise<Neighbors>
  dispose(): void
}

export interface GaussianScorer {
  readonly positions: number
  readonly dimension: number
  /** Mahalanobis distance of every vector [N,P,D] to the Gaussian of its position: [N,P]. */
  score(vectors: Tensor): Promise<Tensor>
  dispose(): void
}
