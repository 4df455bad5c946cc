import * as tf from '@tensorflow/tfjs'

/**
 * Sums of the rows of each segment, the gradient of a gather, as one product with the segments' indicator matrix.
 * @param x [...segment shape, ...rest]
 * @param segmentIds int32
 * @returns [segments, ...rest]
 */
export function unsortedSegmentSum(x: tf.Tensor, segmentIds: tf.Tensor, segments: number): tf.Tensor {
  const rows = segmentIds.size
  // wasm's oneHot writes integer bits into a float32 tensor: int32, then a cast.
  const indicator = tf.cast(tf.oneHot(tf.reshape(segmentIds, [rows]) as tf.Tensor1D, segments), 'float32')
  const sums = tf.matMul(tf.transpose(indicator) as tf.Tensor2D, tf.reshape(x, [rows, x.size / rows]) as tf.Tensor2D)
  return tf.reshape(sums, [segments, ...x.shape.slice(segmentIds.rank)])
}
