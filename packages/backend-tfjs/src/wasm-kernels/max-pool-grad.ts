import * as tf from '@tensorflow/tfjs'
import { TabError } from '@tab/core'
import { frame, interleave, phaseOf } from './stride-phases.ts'

/** Attributes of tfjs's max-pool kernels. */
export interface PoolAttributes {
  readonly filterSize: number | [number, number]
  readonly strides: number | [number, number]
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/**
 * Exact gradient of max-pooling: the gradient of each output goes to the last of its maxima, as on the cpu engine. The stock wasm
 * kernel starts its running maximum at the smallest positive float, so windows whose maximum is 0 or less lose their gradient.
 * @param dy [N,h,w,C]
 * @param x [N,H,W,C], the input
 * @param y [N,h,w,C], the output
 */
export function maxPoolGrad(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  y: tf.Tensor4D,
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): tf.Tensor4D {
  const geometry = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode)
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels, filterHeight, filterWidth } = geometry
  const { strideHeight: stride, strideWidth, padInfo } = geometry
  if (stride !== strideWidth) {
    throw new TabError('UNSUPPORTED', {
      where: 'MaxPoolGrad on wasm',
      expected: 'equal strides',
      actual: `${stride} and ${strideWidth}`,
    })
  }
  const { top, left } = padInfo
  const rows = Math.ceil(Math.max(inHeight + top, (outHeight - 1) * stride + filterHeight) / stride)
  const columns = Math.ceil(Math.max(inWidth + left, (outWidth - 1) * stride + filterWidth) / stride)
  const padded = frame(x, top, left, rows * stride, columns * stride, -3.4e38)

  const phases: tf.Tensor4D[] = []
  const gradients: (tf.Tensor4D | undefined)[] = []
  for (let phase = 0; phase < stride * stride; phase++) {
    phases.push(phaseOf(padded, stride, Math.floor(phase / stride), phase % stride))
    gradients.push(undefined)
  }
  const zero = tf.zerosLike(dy)
  let unclaimed = dy
  for (let tap = filterHeight * filterWidth - 1; tap >= 0; tap--) {
    const [i, j] = [Math.floor(tap / filterWidth), tap % filterWidth]
    const [row, column] = [Math.floor(i / stride), Math.floor(j / stride)]
    const phase = (i % stride) * stride + (j % stride)
    const window = tf.slice(
      phases[phase] as tf.Tensor4D,
      [0, row, column, 0],
      [batchSize, outHeight, outWidth, inChannels],
    )
    const claimed = tf.where(tf.equal(window, y), unclaimed, zero)
    unclaimed = tf.sub(unclaimed, claimed)
    const placed = tf.pad(claimed, [
      [0, 0],
      [row, rows - outHeight - row],
      [column, columns - outWidth - column],
      [0, 0],
    ])
    const sum = gradients[phase]
    gradients[phase] = sum ? tf.add(sum, placed) : placed
  }
  const whole = interleave(
    gradients.map((gradient) => gradient ?? tf.zeros([batchSize, rows, columns, inChannels])),
    stride,
  )
  return tf.slice(whole, [0, top, left, 0], [batchSize, inHeight, inWidth, inChannels])
}
