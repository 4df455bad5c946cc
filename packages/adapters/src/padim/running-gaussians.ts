import { createPause, tensor, type LowRankCovariance, type Tensor } from '@tab/core'
import { coMomentsOf, type CoMoments } from '@tab/kernels'

const BLOCK = 63 // images merged at once: with the row for the means, 64

/** One mean and covariance a position, from images taken in one by one. */
export interface RunningGaussians {
  /** @param vectors [P*D] of one image, which stays with the callee */
  add(vectors: Float32Array): Promise<void>
  /** Number of images so far. */
  count(): number
  /**
   * Mean [P,D] and sample covariance (n - 1) with `regularisation` added on its diagonal; ends the run. Needs at least two
   * images.
   */
  finish(regularisation: number): Promise<GaussianEstimate>
}

export interface GaussianEstimate {
  /** [P,D] */
  readonly mean: Tensor
  /** [P,D,D]; of fewer images than dimensions the low-rank form, with a factor an image. */
  readonly covariance: Tensor | LowRankCovariance
}

/**
 * Up to as many images as dimensions (or a block) wait as they are. Then they are merged, position by position in blocks of 63
 * whatever the batches, into means and co-moments in float64, of which the lower triangle is kept: at most 8 P D^2 bytes in all.
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

  /** Merges the first images that wait. */
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

/** Factors (x - mean) / sqrt(n - 1), an image each. */
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

/** Matrices in the memory of the packed co-moments, which are as large: each is written over what has been read before. */
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
