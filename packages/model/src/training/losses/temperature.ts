import * as tf from '@tensorflow/tfjs'

/** CLIP's start, ln(1 / 0.07), and its bound: similarities are multiplied by at most 100. */
export const INITIAL_LOG_SCALE: number = Math.log(1 / 0.07)
const LARGEST_LOG_SCALE = Math.log(100)

/**
 * What similarities are multiplied by: s = exp(min(t, ln 100)) of the learned t (Radford et al. 2021).
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { INITIAL_LOG_SCALE, similarityScale } from '@tab/model/training'
 *
 * console.log(similarityScale(tf.scalar(INITIAL_LOG_SCALE)).dataSync()[0]?.toFixed(2)) // 14.29
 * console.log(similarityScale(tf.scalar(9)).dataSync()[0]?.toFixed(2)) // 100.00
 * ```
 */
export function similarityScale(logScale: tf.Scalar): tf.Scalar {
  return tf.exp(tf.minimum(logScale, LARGEST_LOG_SCALE))
}
