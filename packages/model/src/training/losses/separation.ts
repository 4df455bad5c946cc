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
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { separation } from '@tab/model/training'
 *
 * const features = (...values: [number, number]) => tf.tensor4d(values, [2, 1, 1, 1]) // two images of one patch
 * const normal = features(0, 1) // the first is the bank, so q = 1
 * const cover = { data: Float32Array.of(1, 1) }
 * // At the margin, v = 1.5, it is softplus(0) = ln 2.
 * const lossAt = (v: number) => separation(normal, features(v, v), cover, [{ first: 0, count: 2 }]).dataSync()[0]
 * console.log(lossAt(1.5)?.toFixed(3), lossAt(3)?.toFixed(3)) // 0.693 0.002
 * ```
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
    const { rows, allowed, masked } = maskedPlaces(cover.data.subarray(first * area, (first + count) * area), area)
    const some = masked.reduce((sum, one) => sum + one, 0)
    if (some === 0) continue
    const banked = Math.ceil(count / 2)
    const normals = patches(normal, first + banked, count - banked)
    const defects = tf.gather(patches(abnormal, first, count), tf.tensor1d(rows, 'int32'))
    const places = rows.length / count
    // One search for both: of the abnormal patches only the masked ones matter.
    const distances = nearestDistances(tf.concat([normals, defects], 0), patches(normal, first, banked))
    const ofNormals = normals.shape[0]
    const q = topMean(
      tf.reshape(tf.slice(distances, [0], [ofNormals]), [1, ofNormals]),
      new Uint8Array(ofNormals).fill(1),
      normalShare,
    )
    const v = topMean(
      tf.reshape(tf.slice(distances, [ofNormals], [rows.length]), [count, places]),
      allowed,
      defectShare,
    )
    const costs = tf.softplus(tf.mul(tf.sub(margin, tf.div(v, tf.add(q, 1e-6))), slope))
    terms.push(tf.sum(tf.mul(costs, tf.tensor1d(masked))))
    images += some
  }
  return terms.length === 0 || images === 0 ? tf.scalar(0) : tf.div(tf.addN(terms), images)
}

/**
 * Positions with a cover of at least 0.3 of the image's own largest: a fixed cover would lose small defects. As many for each image, as
 * the search wants them in one matrix: where an image has fewer, its first position is repeated and not allowed.
 */
function maskedPlaces(cover: Float32Array, area: number): { rows: Int32Array; allowed: Uint8Array; masked: number[] } {
  const places: number[][] = []
  for (let start = 0; start < cover.length; start += area) {
    const own = cover.subarray(start, start + area)
    const largest = own.reduce((most, share) => Math.max(most, share), 0)
    const found: number[] = []
    if (largest > 0) own.forEach((share, place) => void (share >= 0.3 * largest && found.push(start + place)))
    places.push(found)
  }
  const most = Math.max(...places.map(({ length }) => length))
  const rows = new Int32Array(places.length * most)
  const allowed = new Uint8Array(rows.length)
  places.forEach((found, image) => {
    rows.fill(image * area, image * most, (image + 1) * most)
    rows.set(found, image * most)
    allowed.fill(1, image * most, image * most + found.length)
  })
  return { rows, allowed, masked: places.map(({ length }) => Math.min(1, length)) }
}
