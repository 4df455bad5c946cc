import { notPositiveDefinite } from '@tab/core'
import { openKernel } from '../open-kernel.ts'
import { WHITENING_KERNEL } from './whitening-kernel.generated.ts'
import { lowRankWhiteningReference, whiteningReference } from './whitening-reference.ts'

/**
 * Writes W = (L^-1)^T [D,D] with L L^T = covariance [D,D]: |x W| is the Mahalanobis distance of x.
 * @throws NUMERICAL, naming the position, when the covariance is not positive definite
 */
export type Whitening = (covariance: Float32Array, target: Float32Array, position: number) => void

/**
 * Writes `project` [D,R] and `expand` [R,D] for covariance = d I + F^T F: |x - (x project) expand| / sqrt(d) is the
 * Mahalanobis distance of x. With K K^T = d I + F F^T they are (K^-1 F)^T and (K + sqrt(d) I)^-1 F, Potter's square root
 * (Battin 1964; Kaminski, Bryson and Schmidt 1971); unlike |x|^2 - |K^-1 F x|^2 it cancels nothing, so an engine can compute it in float32.
 */
export type LowRankWhitening = (
  factors: Float32Array,
  project: Float32Array,
  expand: Float32Array,
  position: number,
) => void

interface WhiteningKernel {
  cholesky(matrix: number, side: number): number
  invert(upper: number, side: number, target: number): void
  forward(upper: number, side: number, rows: number, columns: number): void
  gram(rows: number, depth: number, side: number, diagonal: number, matrix: number): void
  addToDiagonal(matrix: number, side: number, value: number, first: number): void
  widen(source: number, rows: number, columns: number, target: number, height: number, width: number): void
  narrow(source: number, width: number, rows: number, columns: number, target: number): void
  transpose(source: number, rows: number, columns: number, target: number): void
}

const padded = (length: number): number => Math.ceil(length / 4) * 4

/**
 * Prepares the whitening of covariances [D,D].
 * @param typescript run in plain TypeScript even if WebAssembly is available; the bits are the same
 * @example
 * ```ts
 * import { whiteningOf } from '@tab/kernels'
 * const whiten = await whiteningOf(2)
 * const matrix = new Float32Array(4)
 * whiten(Float32Array.of(4, 0, 0, 25), matrix, 0)
 * console.log(Array.from(matrix, (value) => value.toFixed(2)).join(' ')) // 0.50 0.00 0.00 0.20
 * ```
 */
export async function whiteningOf(dimension: number, typescript = false): Promise<Whitening> {
  const side = padded(dimension)
  const bytes = [4 * dimension ** 2, 8 * side ** 2, 8 * side ** 2]
  const kernel = typescript ? undefined : await openKernel<WhiteningKernel>(WHITENING_KERNEL, bytes)
  if (!kernel) return whiteningReference(dimension)
  const { exports, buffer } = kernel
  const [io, matrix, inverse] = kernel.places as [number, number, number]
  const narrow = new Float32Array(buffer, io, dimension ** 2)
  const wide = new Float64Array(buffer, matrix, side ** 2)
  return (covariance, target, position) => {
    narrow.set(covariance)
    exports.widen(io, dimension, dimension, matrix, side, side)
    exports.addToDiagonal(matrix, side, 1, dimension) // the padding is an identity matrix
    const row = exports.cholesky(matrix, side)
    if (row >= 0) throw notPositiveDefinite(wide[row * side + row] as number, row, position)
    exports.invert(matrix, side, inverse)
    exports.narrow(inverse, side, dimension, dimension, io)
    target.set(narrow)
  }
}

/**
 * Prepares the whitening of low-rank covariances, diagonal I + F^T F with factors F [R,D].
 * @param typescript as for {@link whiteningOf}
 * @example
 * ```ts
 * import { lowRankWhiteningOf } from '@tab/kernels'
 * const whiten = await lowRankWhiteningOf(1, 2, 1)
 * const [project, expand] = [new Float32Array(2), new Float32Array(2)]
 * whiten(Float32Array.of(2, 0), project, expand, 0)
 * console.log([...project, ...expand].map((value) => value.toFixed(3)).join(' ')) // 0.894 0.000 0.618 0.000
 * ```
 */
export async function lowRankWhiteningOf(
  rank: number,
  dimension: number,
  diagonal: number,
  typescript = false,
): Promise<LowRankWhitening> {
  const [side, columns] = [padded(rank), padded(dimension)]
  const bytes = [4 * rank * dimension, 8 * side * columns, 8 * side * columns, 8 * side ** 2]
  const kernel = typescript ? undefined : await openKernel<WhiteningKernel>(WHITENING_KERNEL, bytes)
  if (!kernel) return lowRankWhiteningReference(rank, dimension, diagonal)
  const { exports, buffer } = kernel
  const [io, rows, transposed, inner] = kernel.places as [number, number, number, number]
  const narrow = new Float32Array(buffer, io, rank * dimension)
  const wide = new Float64Array(buffer, inner, side ** 2)
  return (factors, project, expand, position) => {
    narrow.set(factors)
    exports.widen(io, rank, dimension, rows, side, columns)
    exports.transpose(rows, side, columns, transposed)
    exports.gram(transposed, columns, side, diagonal, inner)
    const row = exports.cholesky(inner, side)
    if (row >= 0) throw notPositiveDefinite(wide[row * side + row] as number, row, position)
    exports.forward(inner, side, rows, columns)
    exports.transpose(rows, side, columns, transposed)
    exports.narrow(transposed, side, dimension, rank, io)
    project.set(narrow)

    narrow.set(factors)
    exports.widen(io, rank, dimension, rows, side, columns)
    exports.addToDiagonal(inner, side, Math.sqrt(diagonal), 0)
    exports.forward(inner, side, rows, columns)
    exports.narrow(rows, columns, rank, dimension, io)
    expand.set(narrow)
  }
}
