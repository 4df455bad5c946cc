import { assertAtMost } from '../at-most.ts'
import type { SymmetricEigen } from '../linear-algebra/symmetric-eigen.ts'
import type { SubspaceSettings } from './settings.ts'

/**
 * What is left of the space of patches beside their principal components. The length of a vector's part in it is the residual of
 * its projection on the components: computed from what is left, it cancels nothing, so that float32 suffices.
 * @returns orthonormal columns [D, D - K], K components being left out; at least one column
 * @throws INVALID_ARGUMENT for `components` that leave none
 */
export function residualSpace(
  where: string,
  { values, vectors }: SymmetricEigen,
  { components, explainedVariance }: Pick<SubspaceSettings, 'components' | 'explainedVariance'>,
): { readonly columns: Float32Array; readonly rank: number } {
  const dimension = values.length
  if (components !== null) {
    assertAtMost(where, 'components', components, dimension - 1, 'values of a patch but one')
  }
  const kept = components ?? Math.min(dimension - 1, explaining(values, explainedVariance as number))
  const rank = dimension - kept
  const columns = new Float32Array(dimension * rank)
  for (let column = 0; column < rank; column++) {
    for (let d = 0; d < dimension; d++) columns[d * rank + column] = vectors[(kept + column) * dimension + d] as number
  }
  return { columns, rank }
}

/** The fewest of the values, which descend, whose sum is this share of them all; of good parts without any variance, none. */
function explaining(values: Float64Array, share: number): number {
  const variances = values.map((value) => Math.max(0, value)) // rounding makes some of them negative
  const wanted = share * variances.reduce((sum, value) => sum + value, 0)
  let [count, sum] = [0, 0]
  while (sum < wanted && count < variances.length) sum += variances[count++] as number
  return count
}
