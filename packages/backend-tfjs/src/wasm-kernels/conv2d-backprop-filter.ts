import * as tf from '@tensorflow/tfjs'
import { geometryOf, type ConvolutionAttributes } from './convolution-geometry.ts'
import type { WasmHeap } from './heap.ts'
import { frame, phaseOf } from './stride-phases.ts'
import { winogradOf } from './winograd.ts'

/**
 * Gradient of a convolution with respect to its filter, which tfjs lacks on wasm (tensorflow/tfjs#8474):
 * dW[i,j] = sum over n, y, x of x[n, s y + i, s x + j, :]^T dy[n, y, x, :]. This is itself a convolution: of the input, with channels and
 * images swapped, with dy as a filter whose taps are s apart.
 * @param x [N,H,W,I]
 * @param dy [N,h,w,O]
 * @returns [kernel height, kernel width, I, O]
 */
export function conv2dBackpropFilter(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  attributes: ConvolutionAttributes & { readonly filterShape: [number, number, number, number] },
  heap: WasmHeap,
): tf.TensorInfo {
  const geometry = geometryOf('Conv2DBackpropFilter', x.shape, attributes.filterShape, attributes)
  const winograd = winogradOf(heap)
  if (winograd?.suits(geometry)) return winograd.filterGradient(geometry, x, dy)
  const { batchSize, inHeight, inWidth, outHeight, outWidth, inChannels, outChannels } = geometry
  const { filterHeight, filterWidth, strideHeight: stride, padInfo } = geometry
  const { top, left } = padInfo
  if (filterHeight === 1 && filterWidth === 1) {
    const positions = batchSize * outHeight * outWidth
    const pixels = phaseOf(frame(x, top, left, outHeight * stride, outWidth * stride), stride, 0, 0)
    const transposed = tf.transpose(tf.reshape(pixels, [positions, inChannels])) as tf.Tensor2D
    return tf.reshape(tf.matMul(transposed, tf.reshape(dy, [positions, outChannels]) as tf.Tensor2D), [
      1,
      1,
      inChannels,
      outChannels,
    ])
  }
  // How far the filter reaches beyond the edge of the input (zeros), or falls short of it (cut off).
  const bottom = (outHeight - 1) * stride + filterHeight - inHeight - top
  const right = (outWidth - 1) * stride + filterWidth - inWidth - left
  const [height, width] = [inHeight + Math.min(bottom, 0), inWidth + Math.min(right, 0)]
  if (height <= 0 || width <= 0) return tf.zeros(attributes.filterShape) // every tap is in the padding
  const reached = bottom < 0 || right < 0 ? tf.slice(x, [0, 0, 0, 0], [batchSize, height, width, inChannels]) : x
  const byChannel = tf.conv2d(
    tf.transpose(reached, [3, 1, 2, 0]) as tf.Tensor4D,
    tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D,
    1,
    [
      [0, 0],
      [top, Math.max(bottom, 0)],
      [left, Math.max(right, 0)],
      [0, 0],
    ],
    'NHWC',
    stride,
  )
  return tf.transpose(byChannel, [1, 2, 0, 3])
}
