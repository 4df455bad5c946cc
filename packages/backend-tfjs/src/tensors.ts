import * as tf from '@tensorflow/tfjs'
import { tensor, type Tensor } from '@tab/core'

/**
 * Copies a host tensor to the current engine. The caller disposes of the copy.
 * @example
 * ```ts
 * import { toEngine } from '@tab/backend-tfjs'
 * import { selectEngine } from '@tab/backend-tfjs/node'
 * import { tensor } from '@tab/core'
 *
 * await selectEngine({ prefer: ['cpu'] })
 * const onEngine = toEngine(tensor([2, 2], Float32Array.of(1, 2, 3, 4)))
 * console.log(onEngine.shape, onEngine.dtype) // [ 2, 2 ] float32
 * onEngine.dispose()
 * ```
 */
export function toEngine({ shape, data }: Tensor): tf.Tensor {
  return tf.tensor(data, [...shape], 'float32')
}

/**
 * Copies a float32 tensor of the engine to the host. The tensor on the engine stays.
 * @example
 * ```ts
 * import { toEngine, toHost } from '@tab/backend-tfjs'
 * import { selectEngine } from '@tab/backend-tfjs/node'
 * import { tensor } from '@tab/core'
 *
 * await selectEngine({ prefer: ['cpu'] })
 * const doubled = toEngine(tensor([2], Float32Array.of(1, 2))).mul(2)
 * console.log((await toHost(doubled)).data) // Float32Array(2) [ 2, 4 ]
 * ```
 */
export async function toHost(value: tf.Tensor): Promise<Tensor> {
  return tensor(value.shape, Float32Array.from(await value.data()))
}
