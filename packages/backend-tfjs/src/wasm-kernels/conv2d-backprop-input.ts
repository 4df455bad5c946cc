import * as tf from '@tensorflow/tfjs'
import { geometryOf, type ConvolutionAttributes } from './convolution-geometry.ts'
import type { WasmHeap } from './heap.ts'
import { interleave } from './stride-phases.ts'
import { winogradOf } from './winograd.ts'

/**
 * Gradient of a convolution with respect to its input: for each phase of the stride, a plain convolution of dy with the taps of the
 * rotated filter for that phase; then the phases are interleaved. The stock kernel is a scalar loop.
 * @param dy [N,h,w,O]
 * @param filter [kernel height, kernel width, I, O]
 * @returns [N,H,W,I]
 */
export function conv2dBackpropInput(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  attributes: ConvolutionAttributes & { readonly inputShape: [number, number, number, number] },
  heap: WasmHeap,
): tf.TensorInfo {
  const geometry = geometryOf('Conv2DBackpropInput', attributes.inputShape, filter.shape, attributes)
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels, outChannels } = geometry
  const { filterHeight, filterWidth, strideHeight: stride, padInfo } = geometry
  const { top, left } = padInfo

  const taps = filterHeight * filterWidth
  const transposed = tf.transpose(tf.reshape(filter, [taps, inChannels, outChannels]), [0, 2, 1])
  // Without a stride nothing is put together, so the convolution makes the input's pixels alone, not those of its padding.
  const [skippedRows, skippedColumns] =
    stride === 1 ? [Math.min(top, filterHeight - 1), Math.min(left, filterWidth - 1)] : [0, 0]
  const rows = Math.max(Math.ceil((inHeight + top) / stride), outHeight)
  const columns = Math.max(Math.ceil((inWidth + left) / stride), outWidth)

  const phases: tf.Tensor4D[] = []
  for (let row = 0; row < stride; row++) {
    for (let column = 0; column < stride; column++) {
      const height = Math.ceil((filterHeight - row) / stride)
      const width = Math.ceil((filterWidth - column) / stride)
      if (height <= 0 || width <= 0) {
        phases.push(tf.zeros([batchSize, rows, columns, inChannels]))
        continue
      }
      const turned: tf.Tensor[] = []
      for (let i = height - 1; i >= 0; i--) {
        for (let j = width - 1; j >= 0; j--) {
          const tap = (row + stride * i) * filterWidth + column + stride * j
          turned.push(taps === 1 ? transposed : tf.slice(transposed, [tap, 0, 0], [1, outChannels, inChannels]))
        }
      }
      const part = turned.length === 1 ? (turned[0] as tf.Tensor) : tf.concat(turned, 0)
      const turnedFilter = tf.reshape(part, [height, width, outChannels, inChannels]) as tf.Tensor4D
      const pad: tf.backend_util.ExplicitPadding = [
        [0, 0],
        [height - 1 - skippedRows, rows - outHeight],
        [width - 1 - skippedColumns, columns - outWidth],
        [0, 0],
      ]
      const [madeRows, madeColumns] = [rows - skippedRows, columns - skippedColumns]
      if (
        stride === 1 &&
        skippedRows === top &&
        skippedColumns === left &&
        madeRows === inHeight &&
        madeColumns === inWidth
      ) {
        const plain = tf.backend_util.computeConv2DInfo(dy.shape, turnedFilter.shape, 1, 1, pad)
        const winograd = winogradOf(heap)
        if (winograd?.suits(plain)) return winograd.convolve(plain, dy, turnedFilter)
      }
      phases.push(tf.conv2d(dy, turnedFilter, 1, pad))
    }
  }
  const whole = interleave(phases, stride)
  const [above, before] = [top - skippedRows, left - skippedColumns]
  const fits = above === 0 && before === 0 && whole.shape[1] === inHeight && whole.shape[2] === inWidth
  return fits ? whole : tf.slice(whole, [0, above, before, 0], [batchSize, inHeight, inWidth, inChannels])
}
