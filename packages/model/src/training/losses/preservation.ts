import * as tf from '@tensorflow/tfjs'

/**
 * Keeps features where the frozen first network had them, at positions outside the mask: mean over layers of
 * sum w |f - f0|^2 / sum w |f0|^2, w = 1 where the mask covers less than 1 %. Without it dense features drift and everything gets worse.
 * @param features f of each layer [N,h,w,C]
 * @param reference f0 of each layer
 * @param covers of each layer's grid [N,h,w]
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { preservation } from '@tab/model/training'
 *
 * const before = tf.tensor4d([2, 4], [1, 1, 2, 1])
 * const after = tf.tensor4d([3, 9], [1, 1, 2, 1])
 * const cover = tf.tensor3d([0, 1], [1, 1, 2]) // the second position is in the mask and may change
 * console.log(preservation([after], [before], [cover]).dataSync()[0]) // 0.25
 * ```
 */
export function preservation(
  features: readonly tf.Tensor4D[],
  reference: readonly tf.Tensor4D[],
  covers: readonly tf.Tensor3D[],
): tf.Scalar {
  const terms = features.map((layer, index) => {
    const first = reference[index] as tf.Tensor4D
    const outside = tf.cast(tf.less(covers[index] as tf.Tensor3D, 0.01), 'float32')
    // Channels first: what is left to be masked is small.
    const normOutside = (x: tf.Tensor): tf.Tensor => tf.sum(tf.mul(tf.sum(tf.square(x), 3), outside))
    return tf.div(normOutside(tf.sub(layer, first)), tf.add(normOutside(first), 1e-12))
  })
  return tf.div(tf.addN(terms), terms.length)
}
