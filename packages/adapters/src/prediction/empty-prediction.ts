import { tensor, type Prediction } from '@tab/core'
import type { MapSize } from '../maps/anomaly-map.ts'

/**
 * The prediction for a batch of zero images.
 * @param size `[height, width]` of the images
 * @param stride of the layer whose grid the patch scores are on
 */
export function emptyPrediction(size: readonly [number, number], mapSize: MapSize, stride: number): Prediction {
  const [height, width] = mapSize === 'input' ? size : size.map((side) => Math.ceil(side / stride))
  return {
    scores: tensor([0], new Float32Array(0)),
    maps: tensor([0, height as number, width as number], new Float32Array(0)),
  }
}
