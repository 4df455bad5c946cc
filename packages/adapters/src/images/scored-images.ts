import { assertImages, formatShape, TabError, tensor, type Prediction, type Tensor } from '@tab/core'
import type { MapSize } from '../maps/anomaly-map.ts'

/**
 * Refuses images that a fitted detector cannot score.
 * @param size `[height, width]` that it was fitted on; null for any
 * @throws INVALID_ARGUMENT for another shape or values outside [0,1], NUMERICAL for NaN
 */
export function assertScorable(where: string, images: Tensor, size: readonly [number, number] | null): void {
  assertImages(where, images)
  if (size) assertFittedSize(where, images.shape.slice(1, 3), size)
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

/**
 * What is predicted for no image.
 * @param size `[height, width]` of images
 * @param stride of the layer on whose grid the scores lie
 */
export function noPrediction(size: readonly [number, number], mapSize: MapSize, stride: number): Prediction {
  const [height, width] = mapSize === 'input' ? size : size.map((side) => Math.ceil(side / stride))
  return {
    scores: tensor([0], new Float32Array(0)),
    maps: tensor([0, height as number, width as number], new Float32Array(0)),
  }
}
