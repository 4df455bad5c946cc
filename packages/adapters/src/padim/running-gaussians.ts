import { tensor, type Tensor } from '@tab/core'

/** One mean and covariance a position, updated image by image without keeping the images. */
export interface RunningGaussians {
  /** @param vectors [P*D] of one image */
  add(vectors: Float32Array): void
  /** Number of images so far. */
  count(): number
  /**
   * Mean [P,D] and sample covariance (n - 1) [P,D,D] with `regularisation` added on its diagonal. Needs at least two images.
   */
  result(regularisation: number): { mean: Tensor; covariance: Tensor }
}

/** Welford's update (1962) in float64; of the symmetric sums the lower triangle is kept. */
export function runningGaussians(positions: number, dimension: number): RunningGaussians {
  const triangle = (dimension * (dimension + 1)) / 2
  const means = new Float64Array(positions * dimension)
  const products = new Float64Array(positions * triangle)
  const delta = new Float64Array(dimension)
  let count = 0
  return {
    add(vectors) {
      count++
      const weight = (count - 1) / count
      for (let position = 0; position < positions; position++) {
        const offset = position * dimension
        for (let i = 0; i < dimension; i++) {
          const difference = (vectors[offset + i] as number) - (means[offset + i] as number)
          delta[i] = difference
          means[offset + i] = (means[offset + i] as number) + difference / count
        }
        let at = position * triangle
        for (let i = 0; i < dimension; i++) {
          const scaled = weight * (delta[i] as number)
          for (let j = 0; j <= i; j++, at++) products[at] = (products[at] as number) + scaled * (delta[j] as number)
        }
      }
    },
    count: () => count,
    result(regularisation) {
      const covariance = new Float32Array(positions * dimension * dimension)
      for (let position = 0; position < positions; position++) {
        const offset = position * dimension * dimension
        let at = position * triangle
        for (let i = 0; i < dimension; i++) {
          for (let j = 0; j <= i; j++, at++) {
            const value = (products[at] as number) / (count - 1) + (i === j ? regularisation : 0)
            covariance[offset + i * dimension + j] = value
            covariance[offset + j * dimension + i] = value
          }
        }
      }
      return {
        mean: tensor([positions, dimension], Float32Array.from(means)),
        covariance: tensor([positions, dimension, dimension], covariance),
      }
    },
  }
}
