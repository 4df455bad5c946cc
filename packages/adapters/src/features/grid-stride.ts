import type { FeatureExtractor } from '@tab/core'
import { checkLayers } from './check-layers.ts'

/**
 * Stride, in input pixels, of the first layer's grid.
 * @throws NOT_FOUND for layers that the extractor lacks
 */
export function gridStride(where: string, extractor: FeatureExtractor, layers: readonly string[]): number {
  checkLayers(where, extractor, layers)
  return extractor.layers.find(({ name }) => name === layers[0])?.stride as number
}
