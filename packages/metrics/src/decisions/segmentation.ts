import { TabError, type Tensor } from '@tab/core'
import { assertMapsAndMasks } from '../inputs.ts'
import type { MappedBatch } from '../localization/pixel-store.ts'
import { confusionAt, confusionStream, type Confusion, type ConfusionStream } from './confusion.ts'

/**
 * F1 of the pixels called defective over all images at once (the SegF1 of MVTec AD 2).
 * @param maps [N,H,W]
 * @param masks [N,H,W], 1 on defects
 * @param threshold pixels above it are called defective
 * @returns in [0, 1]
 * @throws UNDEFINED_RESULT when no pixel is defective and none is called so; INVALID_ARGUMENT, NUMERICAL for bad input
 */
export function segmentationF1(maps: Tensor, masks: Tensor<'uint8'>, threshold: number): number {
  return f1Of(pixelConfusion('segmentationF1', threshold, maps, masks), 'segmentationF1')
}

/** {@link segmentationF1} of batches. */
export function createSegmentationF1(threshold: number): ConfusionStream<MappedBatch, number> {
  return confusionStream('createSegmentationF1', threshold, pixelConfusion, f1Of)
}

/**
 * Intersection over union of the pixels called defective and those that are, over all images at once (Jaccard index).
 * Arguments, range and errors as {@link segmentationF1}.
 */
export function segmentationIou(maps: Tensor, masks: Tensor<'uint8'>, threshold: number): number {
  return iouOf(pixelConfusion('segmentationIou', threshold, maps, masks), 'segmentationIou')
}

/** {@link segmentationIou} of batches. */
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
    message: 'undefined when no pixel is defective and none is called so',
  })
}
