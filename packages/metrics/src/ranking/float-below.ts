import { TabError } from '@tab/core'

const SMALLEST = 2 ** -149 // of float32

/**
 * The highest float32 below a score, so that it is lower in either precision; where no finite one exists, a double just below.
 * @throws NUMERICAL for the lowest double, below which nothing is finite
 */
export function floatBelow(score: number): number {
  const float = new Float32Array([score])
  const nearest = float[0] as number
  if (nearest >= score) {
    const bits = new Int32Array(float.buffer) // as an integer the bits grow with the magnitude
    if (nearest === 0) float[0] = -SMALLEST
    else bits[0] = (bits[0] as number) + (nearest > 0 ? -1 : 1)
  }
  if (Number.isFinite(float[0])) return float[0] as number
  const below = score * (1 + Number.EPSILON)
  if (Number.isFinite(below)) return below
  throw new TabError('NUMERICAL', {
    where: 'threshold',
    expected: 'a finite number below all scores',
    actual: `${score}`,
  })
}
