import * as tf from '@tensorflow/tfjs'

/**
 * Euclidean distance of each query to its nearest bank vector, d_i = min_j |q_i - b_j|, with gradients to both sides: the nearest is
 * found by a product, the distance taken from the difference.
 * @param queries [Q,D]
 * @param bank [B,D]
 * @returns [Q]
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { nearestDistances } from '@tab/model/training'
 *
 * const bank = tf.tensor2d([[0, 0], [3, 3]])
 * console.log(nearestDistances(tf.tensor2d([[0, 1], [3, 5]]), bank).dataSync()) // Float32Array(2) [ 1, 2 ]
 * ```
 */
export function nearestDistances(queries: tf.Tensor2D, bank: tf.Tensor2D): tf.Tensor1D {
  const nearest = tf.customGrad((q, b, save) => {
    const [query, vectors] = [q as tf.Tensor2D, b as tf.Tensor2D]
    const products = tf.matMul(query, tf.transpose(vectors))
    const nearness = tf.sub(tf.mul(products, 2), tf.sum(tf.square(vectors), 1))
    const winners = tf.argMax(nearness, 1)
    const difference = tf.sub(query, tf.gather(vectors, winners))
    const distances = tf.sqrt(tf.add(tf.sum(tf.square(difference), 1), 1e-12))
    ;(save as tf.GradSaveFunc)([difference, distances, winners])
    return {
      value: distances,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [vector, length, indices] = saved as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D]
        const byQuery = tf.mul(vector, tf.expandDims(tf.div(dy, length), 1))
        return [byQuery, tf.neg(tf.unsortedSegmentSum(byQuery, indices, bank.shape[0]))]
      },
    }
  })
  return nearest(queries, bank) as tf.Tensor1D
}
