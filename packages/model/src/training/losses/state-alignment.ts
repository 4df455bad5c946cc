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
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { stateAlignment } from '@tab/model/training'
 *
 * const [normal, abnormal] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 1]])] // an image of each state, on its prototype
 * const scale = tf.scalar(Math.log(3)) // softmax of the similarities 1 and 0 is then 3/4 and 1/4
 * const loss = stateAlignment(normal, abnormal, normal, abnormal, [0], scale)
 * console.log(loss.dataSync()[0]?.toFixed(4), (-Math.log(3 / 4)).toFixed(4)) // 0.2877 0.2877
 * ```
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
