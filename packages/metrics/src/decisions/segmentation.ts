import { TabError, type Tensor } from '@tab/core'
import { assertMapsAndMasks } from '../inputs.ts'
import type { MappedBatch } from '../localization/pixel-store.ts'
import { confusionAt, confusionStream, type Confusion, type ConfusionStream } from './confusion.ts'

/**
 * F1 of the pixels called defective, over all images together (SegF1 of MVTec AD 2).
 * @param maps [N,H,W]
 * @param masks [N,H,W], 1 on defects
 * @param threshold pixels above it are called defective
 * @returns in [0, 1]
 * @throws UNDEFINED_RESULT when no pixel is defective and none is called defective; INVALID_ARGUMENT, NUMERICAL for bad input
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { segmentationF1 } from '@tab/metrics'
 *
 * const maps = tensor([1, 1, 4], Float32Array.of(0.1, 0.6, 0.7, 0.9))
 * const masks = tensorOf('uint8', [1, 1, 4], Uint8Array.of(0, 0, 1, 1))
 * console.log(segmentationF1(maps, masks, 0.5)) // 0.8
 * ```
 */
export function segmentationF1(maps: Tensor, masks: Tensor<'uint8'>, threshold: number): number {
  return f1Of(pixelConfusion('segmentationF1', threshold, maps, masks), 'segmentationF1')
}

/**
 * {@link segmentationF1} of images that arrive in batches.
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { createSegmentationF1 } from '@tab/metrics'
 *
 * const stream = createSegmentationF1(0.5)
 * stream.update(tensor([1, 1, 2], Float32Array.of(0.1, 0.6)), tensorOf('uint8', [1, 1, 2], Uint8Array.of(0, 0)))
 * stream.update(tensor([1, 1, 2], Float32Array.of(0.7, 0.9)), tensorOf('uint8', [1, 1, 2], Uint8Array.of(1, 1)))
 * console.log(stream.compute()) // 0.8
 * ```
 */
export function createSegmentationF1(threshold: number): ConfusionStream<MappedBatch, number> {
  return confusionStream('createSegmentationF1', threshold, pixelConfusion, f1Of)
}

/**
 * Intersection over union (Jaccard index) of the pixels called defective and those that are, over all images together. Takes,
 * returns and throws the same as {@link segmentationF1}.
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { segmentationIou } from '@tab/metrics'
 *
 * const maps = tensor([1, 1, 4], Float32Array.of(0.1, 0.6, 0.7, 0.4))
 * const masks = tensorOf('uint8', [1, 1, 4], Uint8Array.of(0, 0, 1, 1))
 * console.log(segmentationIou(maps, masks, 0.5).toFixed(4)) // 0.3333
 * ```
 */
export function segmentationIou(maps: Tensor, masks: Tensor<'uint8'>, threshold: number): number {
  return iouOf(pixelConfusion('segmentationIou', threshold, maps, masks), 'segmentationIou')
}

/**
 * {@link segmentationIou} of images that arrive in batches.
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { createSegmentationIou } from '@tab/metrics'
 *
 * const stream = createSegmentationIou(0.5)
 * stream.update(tensor([1, 1, 2], Float32Array.of(0.1, 0.6)), tensorOf('uint8', [1, 1, 2], Uint8Array.of(0, 0)))
 * stream.update(tensor([1, 1, 2], Float32Array.of(0.7, 0.4)), tensorOf('uint8', [1, 1, 2], Uint8Array.of(1, 1)))
 * console.log(stream.compute().toFixed(4)) // 0.3333
 * ```
 */
export function createSegmentationIou(threshold: number): ConfusionStream<MappedBatch, number> {
  return confusionStream('createSegmentationIou', threshold, pixelConfusion, iouOf)
}

function pixelConfusion(where: string, threshold: number, maps: Tensor, masks: Tensor<'uint8'>): Confusion {
  assertMapsAndMasks(where, maps, masks)
  return confusionAt(where, threshold, maps.data, masks.data)
}

function f1Of({ truePositives, falsePositives, falseNegatives }: Confusion, where: string): number {
  return share(2 * truePositives, falsePositives + falseNegatives, where)
}

function iouOf({ truePositives, falsePositives, falseNegatives }: Confusion, where: string): number {
  return share(truePositives, falsePositives + falseNegatives, where)
}

function share(hits: number, misses: number, where: string): number {
  if (hits + misses > 0) return hits / (hits + misses)
  throw new TabError('UNDEFINED_RESULT', {
    where,
    message: 'undefined when no pixel is defective and none is called defective',
  })
}
