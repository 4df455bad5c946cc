import * as tf from '@tensorflow/tfjs'

/**
 * Positions against the two prototypes of their class, with the mask's cover c as target and focal weights (Lin et al. 2017):
 * -mean[(1 - c)(1 - p_n)^g log p_n + c (1 - p_a)^g log p_a], (p_n, p_a) = softmax(s (z T_n[k], z T_a[k])).
 * @param patches z [N,h,w,D], unit vectors
 * @param cover [N,h,w], share of each position that the mask covers
 * @param normalPrototypes T_n[k] of each image [N,D]
 * @param abnormalPrototypes T_a[k] of each image [N,D]
 * @param focus g, default 2
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { patchAlignment } from '@tab/model/training'
 *
 * const [normal, abnormal] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 1]])]
 * const patches = tf.tensor4d([1, 0], [1, 1, 1, 2]) // one position, on the normal prototype
 * const scale = tf.scalar(Math.log(3)) // p_n = 3/4
 * const lossAt = (cover: number) => patchAlignment(patches, tf.tensor3d([cover], [1, 1, 1]), normal, abnormal, scale)
 * console.log(lossAt(0).dataSync()[0]?.toFixed(4)) // 0.0180
 * console.log(lossAt(1).dataSync()[0]?.toFixed(4)) // 0.7798
 * ```
 */
export function patchAlignment(
  patches: tf.Tensor4D,
  cover: tf.Tensor3D,
  normalPrototypes: tf.Tensor2D,
  abnormalPrototypes: tf.Tensor2D,
  scale: tf.Scalar,
  focus = 2,
): tf.Scalar {
  const [count, height, width, dimension] = patches.shape
  const rows = tf.reshape(patches, [count, height * width, dimension])
  const states = tf.stack([normalPrototypes, abnormalPrototypes], 2) // [N,D,2]
  const logProbability = tf.logSoftmax(tf.mul(tf.matMul(rows, states as tf.Tensor3D), scale))
  const abnormal = tf.reshape(cover, [count, height * width, 1])
  const target = tf.concat([tf.sub(1, abnormal), abnormal], 2)
  const weight = tf.pow(tf.sub(1, tf.exp(logProbability)), focus)
  return tf.neg(tf.div(tf.sum(tf.mul(tf.mul(target, weight), logProbability)), count * height * width))
}
