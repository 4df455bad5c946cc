import * as tf from '@tensorflow/tfjs'

/**
 * The patch features that PatchCore compares: each layer averaged over 3x3 (zeros beyond the edge), the deeper ones resized
 * bilinearly to the first one's grid, joined by channels.
 * @param layers [N,h,w,C] each, the finest first
 * @returns [N,h,w,sum of C]
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { jointFeatures } from '@tab/model/training'
 *
 * const fine = tf.fill<tf.Rank.R4>([1, 2, 2, 1], 9) // every position sees 4 values of 9 around it, and 5 zeros
 * const deep = tf.fill<tf.Rank.R4>([1, 1, 1, 1], 9) // sees itself and 8 zeros
 * const joint = jointFeatures([fine, deep])
 * console.log(joint.shape, joint.dataSync().slice(0, 2)) // [ 1, 2, 2, 2 ] Float32Array(2) [ 4, 1 ]
 * ```
 */
export function jointFeatures(layers: readonly tf.Tensor4D[]): tf.Tensor4D {
  const [, height, width] = (layers[0] as tf.Tensor4D).shape
  const parts = layers.map((layer) => resizeBilinear(neighbourhoodMean(layer), height, width))
  return parts.length === 1 ? (parts[0] as tf.Tensor4D) : tf.concat(parts, 3)
}

const BORDER: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
]

/** Mean over 3x3 with zeros beyond the edge; it is its own gradient, as every position takes from a neighbour what it gives to it. */
function neighbourhoodMean(x: tf.Tensor4D): tf.Tensor4D {
  const mean = (y: tf.Tensor): tf.Tensor4D => tf.avgPool(tf.pad(y as tf.Tensor4D, BORDER), 3, 1, 'valid')
  const average = tf.customGrad((input) => ({ value: mean(input as tf.Tensor), gradFunc: mean }))
  return average(x) as tf.Tensor4D
}

/**
 * Bilinear resize with half-pixel centres, as two matrix products: tfjs's own resize has no gradient for these centres.
 * @param x [N,h,w,C]
 */
export function resizeBilinear(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, ownHeight, ownWidth] = x.shape
  if (ownHeight === height && ownWidth === width) return x
  const resize = tf.customGrad((input) => {
    const [rows, columns] = [interpolation(ownHeight, height), interpolation(ownWidth, width)]
    return {
      value: multiplyAxes(input as tf.Tensor4D, tf.transpose(rows), tf.transpose(columns)),
      gradFunc: (dy: tf.Tensor) =>
        multiplyAxes(dy as tf.Tensor4D, interpolation(ownHeight, height), interpolation(ownWidth, width)),
    }
  })
  return resize(x) as tf.Tensor4D
}

/**
 * Height and width of [N,h,w,C], each multiplied by a matrix [from,to]. Channels go first meanwhile, so that both are plain products with
 * a small matrix on the right: engines are slow at many small products.
 */
function multiplyAxes(x: tf.Tensor4D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  const [count, height, width, channels] = x.shape
  const [newHeight, newWidth] = [rows.shape[1], columns.shape[1]]
  const lines = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [count * channels * height, width])
  const wide = tf.reshape(tf.matMul(lines, columns), [count * channels, height, newWidth])
  const turned = tf.reshape(tf.transpose(wide, [0, 2, 1]), [count * channels * newWidth, height])
  const whole = tf.reshape(tf.matMul(turned, rows), [count, channels, newWidth, newHeight])
  return tf.transpose(whole, [0, 3, 2, 1]) as tf.Tensor4D
}

/** Weight of each source line in each target line, [to,from]. */
function interpolation(from: number, to: number): tf.Tensor2D {
  const weights = new Float32Array(to * from)
  for (let line = 0; line < to; line++) {
    const position = Math.min(Math.max(((line + 0.5) * from) / to - 0.5, 0), from - 1)
    const lower = Math.floor(position)
    const upper = Math.min(lower + 1, from - 1)
    const share = position - lower
    weights[line * from + lower] = (weights[line * from + lower] as number) + 1 - share
    weights[line * from + upper] = (weights[line * from + upper] as number) + share
  }
  return tf.tensor2d(weights, [to, from])
}
