import * as tf from '@tensorflow/tfjs'
import { tensor, type Tensor } from '@tab/core'

/** A tensor of the current engine with the values of a host tensor; the caller disposes of it. */
export function toEngine({ shape, data }: Tensor): tf.Tensor {
  return tf.tensor(data, [...shape], 'float32')
}

/** The values of a float32 tensor of the engine, on the host; the tensor itself stays. */
export async function toHost(value: tf.Tensor): Promise<Tensor> {
  return tensor(value.shape, Float32Array.from(await value.data()))
}
