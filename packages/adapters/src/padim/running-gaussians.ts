import { createPause, tensor, type LowRankCovariance, type Tensor } from '@tab/core'
import { coMomentsOf, type CoMoments } from '@tab/kernels'

const BLOCK = 63 // images merged at once: 64 with the row for the means

/** Means and covariances, one per position, from images added one by one. */
export interface RunningGaussians {
  /** @param vectors [P*D] of one image, owned by this object afterwards */
  add(vectors: Float32Array): Promise<void>
  /** Number of images so far. */
  count(): number
  /**
   * Mean [P,D] and sample covariance (n - 1) with `regularisation` added to its diagonal. Can be called once, after at least two
   * images.
   */
  finish(regularisation: number): Promise<GaussianEstimate>
}

export interface GaussianEstimate {
  /** [P,D] */
  readonly mean: Tensor
  /** [P,D,D], or, with fewer images than dimensions, the low-rank form with one factor per image. */
  readonly covariance: Tensor | LowRankCovariance
}

/**
 * Keeps images as they are until there are as many as dimensions (or one block). Then merges them, position by position in blocks of
 * 63 whatever the batches, into means and co-moments in float64, of which the lower triangle is kept: at most 8 P D^2 bytes in all.
 * @throws ABORTED from `add` and `finish`
 */
export function runningGaussians(positions: number, dimension: number, signal?: AbortSignal): RunningGaussians {
  const triangle = (dimension * (dimension + 1)) / 2
  const waiting: Float32Array[] = []
  let merged = 0
  let sums: Promise<{ merge: CoMoments; means: Float64Array; moments: Float64Array<ArrayBuffer> }> | undefined

  async function open() {
    const merge = await coMomentsOf(dimension, BLOCK)
    return {
      merge,
      means: new Float64Array(positions * dimension),
      moments: new Float64Array(positions * triangle),
    }
  }

  /** Merges the first `count` waiting images. */
  async function take(count: number) {
    const state = await (sums ??= open())
    const images = waiting.splice(0, count)
    const pause = createPause('padim.fit', signal)
    for (let position = 0; position < positions; position++) {
      const own = images.map((vectors) => vectors.subarray(position * dimension, (position + 1) * dimension))
      const means = state.means.subarray(position * dimension, (position + 1) * dimension)
      state.merge(own, merged, means, state.moments.subarray(position * triangle, (position + 1) * triangle))
      await pause()
    }
    merged += images.length
    return state
  }

  return {
    async add(vectors) {
      waiting.push(vectors)
      if (waiting.length >= Math.max(dimension, BLOCK)) await take(waiting.length - (waiting.length % BLOCK))
    },
    count: () => merged + waiting.length,
    async finish(regularisation) {
      if (merged + waiting.length < dimension) return lowRank(waiting, positions, dimension, regularisation)
      const { means, moments } = await take(waiting.length)
      return fullRank(means, moments, positions, merged, regularisation)
    },
  }
}

/** Factors (x - mean) / sqrt(n - 1), one per image. */
function lowRank(
  images: readonly Float32Array[],
  positions: number,
  dimension: number,
  diagonal: number,
): GaussianEstimate {
  const count = images.length
  const sums = new Float64Array(positions * dimension)
  for (const image of images)
    for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) + (image[at] as number)
  const factors = new Float32Array(positions * count * dimension)
  const scale = 1 / Math.sqrt(count - 1)
  for (let at = 0; at < sums.length; at++) {
    const position = Math.floor(at / dimension)
    const mean = (sums[at] as number) / count
    for (let i = 0; i < count; i++) {
      const place = (position * count + i) * dimension + (at - position * dimension)
      factors[place] = (((images[i] as Float32Array)[at] as number) - mean) * scale
    }
    sums[at] = mean
  }
  return {
    mean: tensor([positions, dimension], Float32Array.from(sums)),
    covariance: { diagonal, factors: tensor([positions, count, dimension], factors) },
  }
}

/** Unpacks the co-moments into matrices in the same memory, which is just as large: each matrix overwrites what has already been read. */
function fullRank(
  means: Float64Array,
  moments: Float64Array<ArrayBuffer>,
  positions: number,
  count: number,
  regularisation: number,
): GaussianEstimate {
  const dimension = means.length / positions
  const covariance = new Float32Array(moments.buffer, 0, positions * dimension * dimension)
  const triangle = new Float64Array(moments.length / positions)
  for (let position = 0; position < positions; position++) {
    const offset = position * dimension * dimension
    triangle.set(moments.subarray(position * triangle.length, (position + 1) * triangle.length))
    for (let i = 0, at = 0; i < dimension; i++) {
      for (let j = 0; j <= i; j++, at++) {
        const value = (triangle[at] as number) / (count - 1) + (i === j ? regularisation : 0)
        covariance[offset + i * dimension + j] = value
        covariance[offset + j * dimension + i] = value
      }
    }
  }
  return {
    mean: tensor([positions, dimension], Float32Array.from(means)),
    covariance: tensor([positions, dimension, dimension], covariance),
  }
}
