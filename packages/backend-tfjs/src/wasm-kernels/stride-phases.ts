import * as tf from '@tensorflow/tfjs'

/** Pads an image batch [N,H,W,C] with zeros (or `value`), or cuts off its lower right, so that it measures `height` x `width`. */
export function frame(
  images: tf.Tensor4D,
  top: number,
  left: number,
  height: number,
  width: number,
  value = 0,
): tf.Tensor4D {
  const [count, ownHeight, ownWidth, channels] = images.shape
  const bottom = height - ownHeight - top
  const right = width - ownWidth - left
  const padded =
    top || left || bottom > 0 || right > 0
      ? tf.pad(
          images,
          [
            [0, 0],
            [top, Math.max(bottom, 0)],
            [left, Math.max(right, 0)],
            [0, 0],
          ],
          value,
        )
      : images
  return bottom < 0 || right < 0 ? tf.slice(padded, [0, 0, 0, 0], [count, height, width, channels]) : padded
}

/**
 * Every `stride`-th pixel, starting at (row, column), of [N,H,W,C], where H and W are multiples of the stride. A slice of a reshaped
 * tensor, as the engine's strided slice is slow.
 */
export function phaseOf(images: tf.Tensor4D, stride: number, row: number, column: number): tf.Tensor4D {
  if (stride === 1) return images
  const [count, height, width, channels] = images.shape
  const [rows, columns] = [height / stride, width / stride]
  const blocks = tf.reshape(images, [count * rows, stride, columns, stride * channels])
  const picked = tf.slice(blocks, [0, row, 0, column * channels], [count * rows, 1, columns, channels])
  return tf.reshape(picked, [count, rows, columns, channels])
}

/**
 * The inverse of {@link phaseOf}: interleaves all stride x stride phases, given row by row. It concatenates channels and then rows, as
 * the engine's depthToSpace computes the position of every single value.
 */
export function interleave(phases: tf.Tensor4D[], stride: number): tf.Tensor4D {
  if (stride === 1) return phases[0] as tf.Tensor4D
  const [count, rows, columns, channels] = (phases[0] as tf.Tensor4D).shape
  const lines = Array.from({ length: stride }, (_, row) =>
    tf.reshape(tf.concat(phases.slice(row * stride, (row + 1) * stride), 3), [
      count * rows,
      stride * columns * channels,
    ]),
  )
  return tf.reshape(tf.concat(lines, 1), [count, stride * rows, stride * columns, channels])
}
