import * as tf from '@tensorflow/tfjs'
import { geometryOf, type ConvolutionAttributes } from './convolution-geometry.ts'
import { frame, phaseOf } from './stride-phases.ts'

const FEW_CHANNELS = 16 // below, one product over all taps beats many thin ones

/**
 * Gradient of a convolution by its filter, which stock tfjs lacks on wasm (tensorflow/tfjs#8474):
 * dW[i,j] = x[:, i::s, j::s, :]^T dy, one matrix product a tap, in the order that the engine multiplies fastest.
 * @param x [N,H,W,I]
 * @param dy [N,h,w,O]
 * @returns [kernel height, kernel width, I, O]
 */
export function conv2dBackpropFilter(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  attributes: ConvolutionAttributes & { readonly filterShape: [number, number, number, number] },
): tf.Tensor4D {
  const geometry = geometryOf('Conv2DBackpropFilter', x.shape, attributes.filterShape, attributes)
  const { batchSize, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } = geometry
  const { strideHeight: stride, padInfo } = geometry
  const positions = batchSize * outHeight * outWidth
  const dyTransposed = tf.transpose(tf.reshape(dy, [positions, outChannels])) as tf.Tensor2D

  const rows = Math.ceil(((outHeight - 1) * stride + filterHeight) / stride)
  const columns = Math.ceil(((outWidth - 1) * stride + filterWidth) / stride)
  const padded = frame(x, padInfo.top, padInfo.left, rows * stride, columns * stride)
  const phases = Array.from({ length: Math.min(stride, filterHeight) }, (_, row) =>
    Array.from({ length: Math.min(stride, filterWidth) }, (_, column) => phaseOf(padded, stride, row, column)),
  )
  /** The input pixels under tap (i, j) of the filter, a row for each output position. */
  const pixelsUnder = (i: number, j: number): tf.Tensor2D => {
    const phase = phases[i % stride]?.[j % stride] as tf.Tensor4D
    const begin = [0, Math.floor(i / stride), Math.floor(j / stride), 0]
    const whole = rows === outHeight && columns === outWidth
    const window = whole ? phase : tf.slice(phase, begin, [batchSize, outHeight, outWidth, inChannels])
    return tf.reshape(window, [positions, inChannels])
  }

  const taps = Array.from({ length: filterHeight * filterWidth }, (_, tap): [number, number] => [
    Math.floor(tap / filterWidth),
    tap % filterWidth,
  ])
  const shape = [filterHeight, filterWidth, inChannels, outChannels] as [number, number, number, number]
  if (taps.length === 1 || inChannels < FEW_CHANNELS) {
    const pixels = taps.map(([i, j]) => pixelsUnder(i, j))
    const all = pixels.length === 1 ? (pixels[0] as tf.Tensor2D) : tf.concat(pixels, 1)
    return tf.reshape(tf.transpose(tf.matMul(dyTransposed, all)), shape)
  }
  const products = taps.map(([i, j]) => tf.tidy(() => tf.matMul(dyTransposed, pixelsUnder(i, j))))
  const stacked = tf.reshape(tf.concat(products, 0), [taps.length, outChannels, inChannels])
  return tf.reshape(tf.transpose(stacked, [0, 2, 1]), shape)
}
