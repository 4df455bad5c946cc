import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tab/core'
import { unitRows } from './image-head.ts'
import { linearWeights } from './initial-weights.ts'

/** Weights of the projection of a layer's positions from C channels to the text space [D]. */
export function patchHeadWeights(
  seed: number | string,
  layer: string,
  channels: number,
  dimension: number,
): Map<string, Tensor> {
  return linearWeights(seed, `patch.${layer}`, channels, dimension)
}

/**
 * Projects every position of a layer linearly to the text space.
 * @param features [N,h,w,C]
 * @returns [N,h,w,D], L2 norm 1
 */
export function patchHead(features: tf.Tensor4D, weights: ReadonlyMap<string, tf.Tensor>, layer: string): tf.Tensor4D {
  const [count, height, width, channels] = features.shape
  const weight = weights.get(`patch.${layer}.weight`) as tf.Tensor2D
  const projected = tf.add(
    tf.matMul(tf.reshape(features, [count * height * width, channels]), weight),
    weights.get(`patch.${layer}.bias`) as tf.Tensor1D,
  )
  return tf.reshape(unitRows(projected), [count, height, width, weight.shape[1]])
}
