import * as tf from '@tensorflow/tfjs'
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts'
import { conv2dBackpropInput } from './conv2d-backprop-input.ts'
import { maxPoolGrad } from './max-pool-grad.ts'
import { unsortedSegmentSum } from './unsorted-segment-sum.ts'

/** A kernel written in tfjs's own operations. */
type Composed = (inputs: Record<string, tf.Tensor>, attributes: never) => tf.Tensor

const KERNELS: Readonly<Record<string, Composed>> = {
  Conv2DBackpropFilter: ({ x, dy }, attributes) =>
    conv2dBackpropFilter(x as tf.Tensor4D, dy as tf.Tensor4D, attributes),
  Conv2DBackpropInput: ({ dy, filter }, attributes) =>
    conv2dBackpropInput(dy as tf.Tensor4D, filter as tf.Tensor4D, attributes),
  MaxPoolGrad: ({ dy, input, output }, attributes) =>
    maxPoolGrad(dy as tf.Tensor4D, input as tf.Tensor4D, output as tf.Tensor4D, attributes),
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }: { numSegments: number }) =>
    unsortedSegmentSum(x as tf.Tensor, segmentIds as tf.Tensor, numSegments),
}

/**
 * Gives the wasm engine the gradient kernels that it lacks or has wrong, composed of its own fast ones: convolution by filter and by
 * input, max-pooling, segment sums. {@link selectEngine} does it; harmless when done twice.
 * @param backend name under which the engine is registered
 */
export function installWasmGradients(backend = 'wasm'): void {
  for (const [kernelName, compose] of Object.entries(KERNELS)) {
    if (tf.getKernel(kernelName, backend)) tf.unregisterKernel(kernelName, backend)
    tf.registerKernel({
      kernelName,
      backendName: backend,
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => compose(inputs as Record<string, tf.Tensor>, (attrs ?? {}) as never)),
    })
  }
}
