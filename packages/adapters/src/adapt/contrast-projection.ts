import { cholesky } from '@tab/core'
import { symmetricEigen } from '../linear-algebra/symmetric-eigen.ts'

/** Second moments [C,C] of two kinds of differences between feature vectors. */
export interface DifferenceMoments {
  /** Of good patches to the nearest patch of other good images. */
  readonly nuisance: Float64Array
  /** Of patches with an anomaly to the same patches without. */
  readonly signal: Float64Array
}

const SHRINKAGE = 0.03 // of the nuisance towards the same in all directions, as few images say little of most
const TINY = 1e-6 // of the signal: good images that do not differ at all

/**
 * A linear map of feature vectors after which differences between good patches are about as long in every direction, and only the directions are
 * left in which anomalies change most compared with them: the first `dimensions` of the generalised eigenproblem S v = a N v, as of Fisher's
 * discriminant.
 * @returns [C,dimensions], row-major
 * @throws ABORTED
 */
export async function contrastProjection(
  where: string,
  { nuisance, signal: changes }: DifferenceMoments,
  channels: number,
  dimensions: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const meanOf = (matrix: Float64Array): number => {
    let sum = 0
    for (let i = 0; i < channels; i++) sum += matrix[i * channels + i] as number
    return sum / channels
  }
  const added = SHRINKAGE * meanOf(nuisance) + TINY * meanOf(changes)
  const shrunk = nuisance.slice()
  for (let i = 0; i < channels; i++) shrunk[i * channels + i] = (shrunk[i * channels + i] as number) + added
  const lower = cholesky(shrunk, channels)
  const { vectors } = await symmetricEigen(where, whitened(lower, changes, channels), channels, signal)
  const projection = new Float32Array(channels * dimensions)
  for (let kept = 0; kept < dimensions; kept++) {
    const direction = vectors.slice(kept * channels, (kept + 1) * channels)
    solveTransposed(lower, direction, channels)
    for (let i = 0; i < channels; i++) projection[i * dimensions + kept] = direction[i] as number
  }
  return projection
}

/** L^-1 S L^-T of a lower triangular L and a symmetric S. */
function whitened(lower: Float64Array, matrix: Float64Array, n: number): Float64Array {
  const once = solvedRows(lower, matrix, n)
  return solvedRows(lower, once, n)
}

/** The transpose of L^-1 M. */
function solvedRows(lower: Float64Array, matrix: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n)
  for (let column = 0; column < n; column++) {
    const start = column * n
    for (let i = 0; i < n; i++) {
      let sum = matrix[i * n + column] as number
      for (let k = 0; k < i; k++) sum -= (lower[i * n + k] as number) * (result[start + k] as number)
      result[start + i] = sum / (lower[i * n + i] as number)
    }
  }
  return result
}

/** Replaces b by L^-T b. */
function solveTransposed(lower: Float64Array, b: Float64Array, n: number): void {
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i] as number
    for (let k = i + 1; k < n; k++) sum -= (lower[k * n + i] as number) * (b[k] as number)
    b[i] = sum / (lower[i * n + i] as number)
  }
}
