import * as tf from '@tensorflow/tfjs'
import { tensor, type Tensor } from '@tab/core'
import { linearWeights } from './initial-weights.ts'

const LAYER_NORM_EPSILON = 1e-5

/** Weights of a projection head from C channels to the text space [D], by name under `prefix`. */
export function imageHeadWeights(
  seed: number | string,
  prefix: string,
  channels: number,
  dimension: number,
): Map<string, Tensor> {
  return new Map([
    ...linearWeights(seed, `${prefix}.fc1`, channels, dimension),
    ...linearWeights(seed, `${prefix}.fc2`, dimension, dimension),
    [`${prefix}.norm.weight`, tensor([dimension], new Float32Array(dimension).fill(1))],
    [`${prefix}.norm.bias`, tensor([dimension], new Float32Array(dimension))],
  ])
}

/**
 * The projection head of TAB: h = fc1(x); y = LayerNorm(dropout(fc2(relu(h))) + h), as a unit vector.
 * @param pooled [N,C]
 * @param keep dropout's mask [N,D], 0 or 1 / (1 - rate); without it nothing is dropped
 * @returns [N,D], L2 norm 1
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { imageHead } from '@tab/model/training'
 *
 * const weights = new Map<string, tf.Tensor>([
 *   ['image.fc1.weight', tf.eye(2)], // [C,D]
 *   ['image.fc1.bias', tf.zeros([2])],
 *   ['image.fc2.weight', tf.zeros([2, 2])], // [D,D]
 *   ['image.fc2.bias', tf.zeros([2])],
 *   ['image.norm.weight', tf.ones([2])],
 *   ['image.norm.bias', tf.zeros([2])],
 * ])
 * const [x = 0, y = 0] = imageHead(tf.tensor2d([[3, 1]]), weights, 'image').dataSync() // LayerNorm of [3, 1] is [1, -1]
 * console.log(x.toFixed(3), y.toFixed(3)) // 0.707 -0.707
 * ```
 */
export function imageHead(
  pooled: tf.Tensor2D,
  weights: ReadonlyMap<string, tf.Tensor>,
  prefix: string,
  keep?: tf.Tensor2D,
): tf.Tensor2D {
  const linear = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
    tf.add(
      tf.matMul(x, weights.get(`${prefix}.${name}.weight`) as tf.Tensor2D),
      weights.get(`${prefix}.${name}.bias`) as tf.Tensor1D,
    )
  const hidden = linear(pooled, 'fc1')
  const output = linear(tf.relu(hidden), 'fc2')
  const sum = tf.add(keep ? tf.mul(output, keep) : output, hidden)
  const centred = tf.sub(sum, tf.mean(sum, 1, true))
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), LAYER_NORM_EPSILON))
  const scaled = tf.mul(tf.mul(centred, inverse), weights.get(`${prefix}.norm.weight`) as tf.Tensor1D)
  return unitRows(tf.add(scaled, weights.get(`${prefix}.norm.bias`) as tf.Tensor1D))
}

/** Vectors along the last axis, made of L2 norm 1. */
export function unitRows<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12)))
}
