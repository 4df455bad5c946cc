import * as tf from '@tensorflow/tfjs'

/**
 * Runs a small convolution and its gradients, and compares them with values worked by hand: an engine that starts may still lack a
 * kernel or compute wrong values.
 * @throws Error with the wrong values
 */
export async function checkEngine(): Promise<void> {
  const results = tf.tidy(() => {
    const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1])
    const filter = tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1])
    const convolve = (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2d(x, w, 1, 'valid')
    const [byImage, byFilter] = tf.grads(convolve as never)([image, filter]) as [tf.Tensor, tf.Tensor]
    return [convolve(image, filter), byImage, byFilter]
  })
  const expected = [
    [-4, -4, -4, -4],
    [1, 1, 0, 1, 0, -1, 0, -1, -1],
    [12, 16, 24, 28],
  ]
  for (const [index, name] of ['a convolution', 'its gradient by the image', 'its gradient by the filter'].entries()) {
    const values = Array.from(await (results[index] as tf.Tensor).data())
    const right = values.every((value, i) => Math.abs(value - (expected[index]?.[i] as number)) < 1e-3)
    if (!right) throw new Error(`${name} gave ${values.join(', ')} instead of ${expected[index]?.join(', ')}`)
  }
  tf.dispose(results)
}
