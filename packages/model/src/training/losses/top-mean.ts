import * as tf from '@tensorflow/tfjs'

/**
 * Mean of the largest values of each row among the allowed ones. Which ones are the largest is taken as given: gradients go to
 * these values alone.
 * @param values [R,P], from 0
 * @param allowed [R,P], 0 or 1; a row without any gives 0
 * @param share of the allowed values that counts, at least one value
 * @returns [R]
 */
export function topMean(values: tf.Tensor2D, allowed: Uint8Array, share: number): tf.Tensor1D {
  const [rows, places] = values.shape
  const rank = new Float32Array(rows * places) // picks the last counted value of the sorted row
  for (let row = 0; row < rows; row++) {
    const count = allowed.subarray(row * places, (row + 1) * places).reduce((sum, one) => sum + one, 0)
    rank[row * places + Math.max(1, Math.ceil(share * count)) - 1] = 1
  }
  const weigh = tf.customGrad((input) => {
    const open = tf.tensor2d(Float32Array.from(allowed), [rows, places])
    const candidates = tf.sub(tf.mul(tf.add(input as tf.Tensor2D, 1), open), 1) // -1 where not allowed
    const sorted = tf.topk(candidates, places, true).values
    const threshold = tf.sum(tf.mul(sorted, tf.tensor2d(rank, [rows, places])), 1, true)
    const counted = tf.mul(tf.cast(tf.greaterEqual(candidates, threshold), 'float32'), open)
    return {
      value: tf.div(counted, tf.maximum(tf.sum(counted, 1, true), 1)),
      gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
    }
  })
  return tf.sum(tf.mul(values, weigh(values)), 1)
}
