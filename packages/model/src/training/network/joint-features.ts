import * as tf from '@tensorflow/tfjs'

/**
 * The patch features that PatchCore compares: each layer averaged over 3x3 (zeros beyond the edge), the deeper ones resized
 * bilinearly to the first one's grid, joined by channels.
 * @param layers [N,h,w,C] each, the finest first
 * @returns [N,h,w,sum of C]
 */
export function jointFeatures(layers: readonly tf.Tensor4D[]): tf.Tensor4D {
  const [, height, width] = (layers[0] as tf.Tensor4D).shape
  const border: [number, number][] = [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]
  const parts = layers.map((layer) => resizeBilinear(tf.avgPool(tf.pad(layer, border), 3, 1, 'valid'), height, width))
  return parts.length === 1 ? (parts[0] as tf.Tensor4D) : tf.concat(parts, 3)
}

/**
 * Bilinear resize with half-pixel centres, as two matrix products: tfjs's own resize has no gradient for these centres.
 * @param x [N,h,w,C]
 */
export function resizeBilinear(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [count, ownHeight, ownWidth, channels] = x.shape
  if (ownHeight === height && ownWidth === width) return x
  const rows = interpolationMatrix(ownHeight, height)
  const columns = interpolationMatrix(ownWidth, width)
  const tall = tf.matMul(rows, tf.reshape(x, [count, ownHeight, ownWidth * channels]))
  const wide = tf.matMul(columns, tf.reshape(tall, [count * height, ownWidth, channels]))
  return tf.reshape(wide, [count, height, width, channels])
}

/** Weights [1,to,from] of each source line in each target line. */
function interpolationMatrix(from: number, to: number): tf.Tensor3D {
  const weights = new Float32Array(to * from)
  for (let line = 0; line < to; line++) {
    const position = Math.min(Math.max(((line + 0.5) * from) / to - 0.5, 0), from - 1)
    const lower = Math.floor(position)
    const upper = Math.min(lower + 1, from - 1)
    const share = position - lower
    weights[line * from + lower] = (weights[line * from + lower] as number) + 1 - share
    weights[line * from + upper] = (weights[line * from + upper] as number) + share
  }
  return tf.tensor3d(weights, [1, to, from])
}
