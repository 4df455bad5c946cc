import * as tf from '@tensorflow/tfjs'
import type { ConvolutionAttributes } from './convolution-geometry.ts'
import type { WasmHeap } from './heap.ts'
import { winogradOf } from './winograd.ts'

/** Attributes of tfjs's forward convolutions. */
export type ForwardAttributes = ConvolutionAttributes & { readonly dilations: number | [number, number] }

/**
 * A convolution by Winograd's algorithm.
 * @returns undefined for a shape that the stock kernel is to compute
 */
export function winogradForward(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor | undefined,
  { strides, pad, dataFormat, dimRoundingMode, dilations }: ForwardAttributes,
  heap: WasmHeap,
): tf.TensorInfo | undefined {
  const geometry = tf.backend_util.computeConv2DInfo(
    x.shape,
    filter.shape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  )
  const winograd = winogradOf(heap)
  return winograd?.suits(geometry) ? winograd.convolve(geometry, x, filter, bias) : undefined
}
