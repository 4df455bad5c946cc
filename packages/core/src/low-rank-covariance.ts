import type { LowRankCovariance } from './backend.ts'
import { assertTensor, checkNumber } from './check.ts'
import { TabError } from './errors.ts'
import type { Tensor } from './tensor.ts'

/**
 * Checks the covariances [P,D,D], or the low-rank form, that a backend was given.
 * @returns the low-rank form, or undefined for matrices
 * @throws INVALID_ARGUMENT for shapes that do not fit or a diagonal that is not above 0, NUMERICAL for factors that are not finite
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
