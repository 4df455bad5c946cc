import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tab/core'

/** Host images [H,W,3] of one size as one batch of the engine. */
export function stackImages(images: readonly Tensor[]): tf.Tensor4D {
  const [height, width] = (images[0] as Tensor).shape as [number, number]
  const data = new Float32Array(images.length * height * width * 3)
  images.forEach((image, index) => data.set(image.data, index * height * width * 3))
  return tf.tensor4d(data, [images.length, height, width, 3])
}
