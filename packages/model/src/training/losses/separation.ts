import * as tf from '@tensorflow/tfjs'
import { nearestDistances } from './nearest-distances.ts'
import { topMean } from './top-mean.ts'

/** Constants of {@link separation}; the defaults are those of the trial that found the term. */
export interface SeparationOptions {
  /** Share of the largest distances of normal patches that gives q. Default 0.05. */
  readonly normalShare?: number
  /** Share of the largest distances of masked patches that gives v. Default 0.25. */
  readonly defectShare?: number
  /** Ratio v / q from which an image costs little. Default 1.5. */
  readonly margin?: number
  /** Steepness. Default 4. */
  readonly slope?: number
}

/** Images of one class within a step: rows `first` to `first + count - 1`. */
export interface ClassRun {
  readonly first: number
  readonly count: number
}

/**
 * A differentiable stand-in for what PatchCore measures; our extension, not part of TAB. Per class half of the normal images are the
 * bank; q is the mean of the largest nearest-bank distances of the other half's patches, v that of an abnormal image's masked
 * patches; the loss is the mean over abnormal images of softplus(slope (margin - v / q)). A class with fewer than two normal images in the
 * step, or an image without mask, has no part in it.
 * @param normal joint features of the normal images [B,h,w,C]
 * @param abnormal those of the abnormal images [B,h,w,C], made from them in the same order
 * @param cover share of each position that the masks cover [B,h,w]
 * @param runs the classes, one after the other
 */
export function separation(
  normal: tf.Tensor4D,
  abnormal: tf.Tensor4D,
  cover: { readonly data: Float32Array },
  runs: readonly ClassRun[],
  { normalShare = 0.05, defectShare = 0.25, margin = 1.5, slope = 4 }: SeparationOptions = {},
): tf.Scalar {
  const [, height, width, channels] = normal.shape
  const area = height * width
  const terms: tf.Tensor[] = []
  let images = 0
  for (const { first, count } of runs) {
    if (count < 2) continue
    const patches = (from: tf.Tensor4D, start: number, length: number): tf.Tensor2D =>
      tf.reshape(tf.slice(from, [start, 0, 0, 0], [length, height, width, channels]), [length * area, channels])
    const banked = Math.ceil(count / 2)
    const bank = patches(normal, first, banked)
    const normals = nearestDistances(patches(normal, first + banked, count - banked), bank)
    const q = topMean(tf.reshape(normals, [1, normals.size]), new Uint8Array(normals.size).fill(1), normalShare)
    const defects = tf.reshape(nearestDistances(patches(abnormal, first, count), bank), [count, area]) as tf.Tensor2D
    const { allowed, masked } = maskedPlaces(cover.data.subarray(first * area, (first + count) * area), area)
    const v = topMean(defects, allowed, defectShare)
    const costs = tf.softplus(tf.mul(tf.sub(margin, tf.div(v, tf.add(q, 1e-6))), slope))
    terms.push(tf.sum(tf.mul(costs, tf.tensor1d(masked))))
    images += masked.reduce((sum, one) => sum + one, 0)
  }
  return terms.length === 0 || images === 0 ? tf.scalar(0) : tf.div(tf.addN(terms), images)
}

/** Positions with a cover of at least 0.3 of the image's own largest: a fixed cover would lose small defects. */
function maskedPlaces(cover: Float32Array, area: number): { allowed: Uint8Array; masked: number[] } {
  const allowed = new Uint8Array(cover.length)
  const masked: number[] = []
  for (let start = 0; start < cover.length; start += area) {
    const largest = cover.subarray(start, start + area).reduce((most, share) => Math.max(most, share), 0)
    for (let i = start; i < start + area; i++) allowed[i] = largest > 0 && (cover[i] as number) >= 0.3 * largest ? 1 : 0
    masked.push(largest > 0 ? 1 : 0)
  }
  return { allowed, masked }
}
