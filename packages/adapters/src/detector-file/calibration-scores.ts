import { formatShape, TabError, type DType, type Tensor } from '@tab/core'
import { SCORES_NAME } from './header.ts'

/**
 * The calibration scores of a detector file, or its peaks: ascending and finite.
 * @throws INVALID_DATA for anything else
 */
export function calibrationScores(
  where: string,
  scores: Tensor<DType> | undefined,
  name: string = SCORES_NAME,
): Float64Array {
  if (scores?.dtype === 'float64' && scores.shape.length === 1 && scores.data.length > 0) {
    const data = scores.data as Float64Array
    if (data.every((score, i) => Number.isFinite(score) && (i === 0 || score >= (data[i - 1] as number)))) return data
  }
  const actual = scores ? `${scores.dtype} ${formatShape(scores.shape)}` : 'none'
  throw new TabError('INVALID_DATA', { where, expected: `"${name}", ascending numbers of float64 [n]`, actual })
}
