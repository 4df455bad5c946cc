import { createPause, tensor, type LowRankCovariance, type Tensor } from '@tab/core'
import { coMomentsOf, type CoMoments } from './co-moments.ts'

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
 * Fewer images than dimensions are kept as they are. From then on they are merged, in blocks of 63 whatever the batches, into
 * means and co-moments in float64, of which the lower triangle is kept. At most 8 P D^2 bytes, reached when the one form turns into
 * the other and again at the end.
 * @throws ABORTED from `add` and `finish`
 */
export function runningGaussians(positions: number, dimension: number, signal?: AbortSignal): RunningGaussians {
  const where = 'padim.fit'
  let waiting: Float32Array[] = []
  let merged = 0
  let sums: Promise<{ merge: CoMoments; means: Float64Array[]; moments: Float64Array[] }> | undefined

  async function open() {
    const arrays = (length: number) => Array.from({ length: positions }, () => new Float64Array(length))
    const merge = await coMomentsOf(dimension, BLOCK)
    return { merge, means: arrays(dimension), moments: arrays((dimension * (dimension + 1)) / 2) }
  }

  async function mergeBlock(): Promise<void> {
    const { merge, means, moments } = await (sums ??= open())
    const block = waiting.splice(0, BLOCK)
    const pause = createPause(where, signal)
    for (let position = 0; position < positions; position++) {
      const own = block.map((vectors) => vectors.subarray(position * dimension, (position + 1) * dimension))
      merge(own, merged, means[position] as Float64Array, moments[position] as Float64Array)
      await pause()
    }
    merged += block.length
  }

  return {
    async add(vectors) {
      waiting.push(vectors)
      if (merged + waiting.length < dimension) return
      while (waiting.length >= BLOCK) await mergeBlock()
    },
    count: () => merged + waiting.length,
    async finish(regularisation) {
      if (merged + waiting.length < dimension) return lowRank(waiting, positions, dimension, regularisation)
      while (waiting.length > 0) await mergeBlock()
      const { means, moments } = await (sums as NonNullable<typeof sums>)
      waiting = []
      return fullRank(means, moments, merged, regularisation)
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

/** Matrices of the co-moments, which are given up one by one. */
function fullRank(
  means: readonly Float64Array[],
  moments: Float64Array[],
  count: number,
  regularisation: number,
): GaussianEstimate {
  const positions = means.length
  const dimension = (means[0] as Float64Array).length
  const mean = new Float32Array(positions * dimension)
  const covariance = new Float32Array(positions * dimension * dimension)
  for (let position = positions - 1; position >= 0; position--) {
    const triangle = moments.pop() as Float64Array
    const offset = position * dimension * dimension
    mean.set(means[position] as Float64Array, position * dimension)
    for (let i = 0, at = 0; i < dimension; i++) {
      for (let j = 0; j <= i; j++, at++) {
        const value = (triangle[at] as number) / (count - 1) + (i === j ? regularisation : 0)
        covariance[offset + i * dimension + j] = value
        covariance[offset + j * dimension + i] = value
      }
    }
  }
  return {
    mean: tensor([positions, dimension], mean),
    covariance: tensor([positions, dimension, dimension], covariance),
  }
}
