import * as tf from '@tensorflow/tfjs'
import { TabError } from '@tab/core'

/** Attributes of tfjs's convolution kernels. */
export interface ConvolutionAttributes {
  readonly strides: number | [number, number]
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding
  readonly dataFormat: 'NHWC' | 'NCHW'
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** Sizes and paddings of a convolution, in tfjs's own terms. */
export type ConvolutionGeometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>

/**
 * Computes the geometry of a convolution for its gradient.
 * @throws UNSUPPORTED for channels first, dilation or unequal strides
 */
export function geometryOf(
  kernel: string,
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  { strides, pad, dataFormat, dimRoundingMode }: ConvolutionAttributes,
): ConvolutionGeometry {
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC')
  const geometry = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    format,
  )
  if (geometry.dataFormat !== 'channelsLast' || geometry.strideHeight !== geometry.strideWidth) {
    throw new TabError('UNSUPPORTED', {
      where: `${kernel} on wasm`,
      expected: 'channels last and equal strides',
      actual: `${geometry.dataFormat}, strides ${geometry.strideHeight} and ${geometry.strideWidth}`,
    })
  }
  return geometry
}
