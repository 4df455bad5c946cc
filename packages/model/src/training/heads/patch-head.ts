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
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { patchHead } from '@tab/model/training'
 *
 * const weights = new Map<string, tf.Tensor>([
 *   ['patch.layer2.weight', tf.eye(2)], // [C,D]
 *   ['patch.layer2.bias', tf.zeros([2])],
 * ])
 * const [x = 0, y = 0] = patchHead(tf.tensor4d([3, 4], [1, 1, 1, 2]), weights, 'layer2').dataSync()
 * console.log(x.toFixed(3), y.toFixed(3)) // 0.600 0.800
 * ```
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
