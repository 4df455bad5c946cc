import * as tf from '@tensorflow/tfjs'

/**
 * Makes an engine's sum of many tensors (`tf.addN`) add at most `most` of them at once. On WebGPU the stock kernel binds a buffer for each:
 * beyond the device's limit of storage buffers its program is invalid, and the sum holds whatever lay in the buffer, without an exception.
 * @param backend name under which the engine is registered
 * @param most at least 2
 */
export function sumInParts(backend: string, most: number): void {
  const stock = tf.getKernel('AddN', backend)
  tf.unregisterKernel('AddN', backend)
  tf.registerKernel({
    ...stock,
    kernelName: 'AddN',
    backendName: backend,
    kernelFunc(call) {
      const tensors = call.inputs as unknown as tf.Tensor[]
      if (tensors.length <= most) return stock.kernelFunc(call)
      return tf.tidy(() => {
        let parts = tensors
        while (parts.length > most) {
          const groups = Math.ceil(parts.length / most)
          parts = Array.from({ length: groups }, (_, i) => tf.addN(parts.slice(i * most, (i + 1) * most)))
        }
        return tf.addN(parts)
      })
    },
  })
}
