import * as tf from '@tensorflow/tfjs'
import { crossEntropy } from './cross-entropy.ts'

/**
 * Normal against abnormal: one softmax over all 2K prototypes, mean over both states of CE(s I [T_n; T_a]^T, k or K + k). The two states
 * of a class repel, also when there is one class. Both sides need one shared head: two solve it without looking.
 * @param normal [B,D], unit vectors
 * @param abnormal [B,D]
 * @param normalPrototypes [K,D]
 * @param abnormalPrototypes [K,D]
 * @param classes k of each row
 */
export function stateAlignment(
  normal: tf.Tensor2D,
  abnormal: tf.Tensor2D,
  normalPrototypes: tf.Tensor2D,
  abnormalPrototypes: tf.Tensor2D,
  classes: readonly number[],
  scale: tf.Scalar,
): tf.Scalar {
  const prototypes = tf.transpose(tf.concat([normalPrototypes, abnormalPrototypes], 0))
  const images = tf.concat([normal, abnormal], 0)
  const count = normalPrototypes.shape[0]
  return crossEntropy(tf.mul(tf.matMul(images, prototypes), scale), [
    ...classes,
    ...classes.map((index) => count + index),
  ])
}
