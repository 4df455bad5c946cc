import * as tf from '@tensorflow/tfjs'

/**
 * Mean cross-entropy of logits [N,K] against class indices: -mean log softmax(logits)[n, target n].
 * @param targets whole numbers from 0 to K - 1
 */
export function crossEntropy(logits: tf.Tensor2D, targets: readonly number[]): tf.Scalar {
  const classes = logits.shape[1]
  const indicator = new Float32Array(targets.length * classes)
  targets.forEach((target, row) => (indicator[row * classes + target] = 1))
  const chosen = tf.mul(tf.logSoftmax(logits), tf.tensor2d(indicator, [targets.length, classes]))
  return tf.neg(tf.div(tf.sum(chosen), targets.length))
}
