import * as tf from '@tensorflow/tfjs'
import { BATCH_NORM_EPSILON } from '../../architecture.ts'

/** Mean [C] and biased variance [C] of a batch, as a BatchNorm in training saw it over `count` values per channel. */
export interface BatchStatistics {
  readonly mean: tf.Tensor1D
  readonly variance: tf.Tensor1D
  readonly count: number
}

/**
 * BatchNorm with the statistics of the batch: y = gamma (x - mean) / sqrt(variance + eps) + beta (Ioffe & Szegedy 2015), with its gradient
 * in closed form, which makes a step on wasm 10 to 40 % faster than the one derived op by op.
 * @param x [N,H,W,C]
 * @param see takes the batch's statistics; the caller disposes of them
 */
export function trainingBatchNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  see: (statistics: BatchStatistics) => void,
): tf.Tensor4D {
  const axes = [0, 1, 2]
  const count = x.size / (x.shape[3] as number)
  const normalise = tf.customGrad((input, scale, shift, save) => {
    const saveTensors = save as tf.GradSaveFunc
    const mean = tf.mean(input as tf.Tensor, axes)
    const centred = tf.sub(input as tf.Tensor, mean)
    const variance = tf.mean(tf.square(centred), axes)
    const inverse = tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON))
    const normalised = tf.mul(centred, inverse)
    see({ mean: tf.keep(tf.clone(mean)) as tf.Tensor1D, variance: tf.keep(tf.clone(variance)) as tf.Tensor1D, count })
    saveTensors([normalised, inverse, scale as tf.Tensor])
    return {
      value: tf.add(tf.mul(normalised, scale as tf.Tensor), shift as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [xHat, invStd, weight] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]
        const dBeta = tf.sum(dy, axes)
        const dGamma = tf.sum(tf.mul(dy, xHat), axes)
        const mixed = tf.add(tf.div(dBeta, count), tf.mul(xHat, tf.div(dGamma, count)))
        return [tf.mul(tf.sub(dy, mixed), tf.mul(weight, invStd)), dGamma, dBeta]
      },
    }
  })
  return normalise(x, gamma, beta) as tf.Tensor4D
}
