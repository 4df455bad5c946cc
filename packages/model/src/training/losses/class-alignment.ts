import * as tf from '@tensorflow/tfjs'
import { crossEntropy } from './cross-entropy.ts'

/**
 * The loss of the paper's figure: CE(s I_n T_n^T, k) + CE(s I_a T_a^T, k), each image against the prototypes of all classes in its
 * own state. Constant, so without effect, for one class.
 * @param normal I_n [B,D], unit vectors
 * @param abnormal I_a [B,D]
 * @param normalPrototypes T_n [K,D]
 * @param abnormalPrototypes T_a [K,D]
 * @param classes k of each row
 * @see Lee & Lai 2023 (arXiv 2312.09480)
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { classAlignment } from '@tab/model/training'
 *
 * const prototypes = tf.tensor2d([[1, 0], [0, 1]]) // of two classes, here the same in both states
 * const scale = tf.scalar(Math.log(3)) // softmax of the similarities 1 and 0 is then 3/4 and 1/4
 * const loss = classAlignment(prototypes, prototypes, prototypes, prototypes, [0, 1], scale)
 * console.log(loss.dataSync()[0]?.toFixed(4), (-2 * Math.log(3 / 4)).toFixed(4)) // 0.5754 0.5754
 * ```
 */
export function classAlignment(
  normal: tf.Tensor2D,
  abnormal: tf.Tensor2D,
  normalPrototypes: tf.Tensor2D,
  abnormalPrototypes: tf.Tensor2D,
  classes: readonly number[],
  scale: tf.Scalar,
): tf.Scalar {
  const side = (images: tf.Tensor2D, prototypes: tf.Tensor2D): tf.Scalar =>
    crossEntropy(tf.mul(tf.matMul(images, tf.transpose(prototypes)), scale), classes)
  return tf.add(side(normal, normalPrototypes), side(abnormal, abnormalPrototypes))
}
