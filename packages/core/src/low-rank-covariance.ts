import type { LowRankCovariance } from './backend.ts'
import { assertTensor, checkNumber } from './check.ts'
import { TabError } from './errors.ts'
import type { Tensor } from './tensor.ts'

/**
 * Checks the covariances passed to a backend, [P,D,D] or in low-rank form.
 * @returns the low-rank form, or undefined for matrices
 * @throws INVALID_ARGUMENT for shapes that do not match or a diagonal of 0 or less; NUMERICAL for factors that are not finite
 * @example
 * ```ts
 * import { checkCovariance, tensor } from '@tab/core'
 * const factors = tensor([1, 1, 3], Float32Array.of(1, 2, 3))
 * const lowRank = checkCovariance('myBackend', { diagonal: 0.1, factors }, 1, 3)
 * console.log(lowRank?.factors.shape) // [ 1, 1, 3 ]
 * ```
 */
export function checkCovariance(
  where: string,
  covariance: Tensor | LowRankCovariance,
  positions: number,
  dimension: number,
): LowRankCovariance | undefined {
  if (!('factors' in covariance)) {
    assertTensor(where, 'covariance', covariance, [positions, dimension, dimension])
    return undefined
  }
  const { diagonal, factors } = covariance
  checkNumber(where, 'the diagonal of the covariance', diagonal, { above: 0 })
  assertTensor(where, 'covariance factors', factors, [positions, 'R', dimension])
  checkNumber(where, 'the number of factors', factors.shape[1] as number, { minimum: 1 })
  const broken = factors.data.findIndex((value) => !Number.isFinite(value))
  if (broken < 0) return covariance
  const actual = `${factors.data[broken]} at element ${broken}`
  throw new TabError('NUMERICAL', { where, expected: 'covariance factors must be finite', actual })
}
