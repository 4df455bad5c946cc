import * as tf from '@tensorflow/tfjs'
import { deriveRng } from '@tab/core'

/** Inverted dropout [rows,columns]: 0 at the given rate, else 1 / (1 - rate). */
export function dropoutMask(seed: string, rows: number, columns: number, rate: number): tf.Tensor2D {
  const rng = deriveRng(seed, 'dropout')
  const data = Float32Array.from({ length: rows * columns }, () => (rng() < rate ? 0 : 1 / (1 - rate)))
  return tf.tensor2d(data, [rows, columns])
}
