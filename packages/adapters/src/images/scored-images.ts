import { assertTensor, formatShape, TabError, tensor, type Prediction, type Tensor } from '@tab/core'
import { assertFinitePixels } from './finite-images.ts'

/**
 * Refuses images that a fitted detector cannot score.
 * @param size `[height, width]` that it was fitted on; null for any
 * @throws INVALID_ARGUMENT for another shape, NUMERICAL for pixels that are not finite
 */
export function assertScorable(where: string, images: Tensor, size: readonly [number, number] | null): void {
  assertTensor(where, 'images', images, ['N', 'H', 'W', 3])
  if (size) assertFittedSize(where, images.shape.slice(1, 3), size)
  assertFinitePixels(where, images)
}

/** @throws INVALID_ARGUMENT for images of another size than that which was fitted */
export function assertFittedSize(where: string, actual: readonly number[], size: readonly [number, number]): void {
  if (actual[0] === size[0] && actual[1] === size[1]) return
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: `images of the size that was fitted, ${formatShape(['N', ...size, 3])}`,
    actual: formatShape(['N', ...actual, 3]),
  })
}

/** What is predicted for no image. */
export function noPrediction(size: readonly [number, number]): Prediction {
  return { scores: tensor([0], new Float32Array(0)), maps: tensor([0, ...size], new Float32Array(0)) }
}
