import { assertImages, formatShape, TabError, type Tensor } from '@tab/core'

/**
 * Refuses images that a fitted detector cannot score.
 * @param size `[height, width]` it was fitted on; null for any size
 * @throws INVALID_ARGUMENT for another shape or values outside [0,1], NUMERICAL for NaN
 */
export function assertScorable(where: string, images: Tensor, size: readonly [number, number] | null): void {
  assertImages(where, images)
  if (size) assertFittedSize(where, images.shape.slice(1, 3), size)
}

/** @throws INVALID_ARGUMENT unless the images have the size the detector was fitted on */
export function assertFittedSize(where: string, actual: readonly number[], size: readonly [number, number]): void {
  if (actual[0] === size[0] && actual[1] === size[1]) return
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: `images of the fitted size, ${formatShape(['N', ...size, 3])}`,
    actual: formatShape(['N', ...actual, 3]),
  })
}
