import { createPause, type Tensor } from '@tab/core'
import { coMomentsOf, type CoMoments } from '@tab/kernels'

const BLOCK = 63 // patches merged at once: 64 with the row for the means
const CHUNK = 100 * BLOCK // patches between two pauses
const EXACT = 2 ** 28 // products [D,D] of so many values are summed in float64, which takes a fraction of a second

/** Mean and covariance of a stream of patches, in the memory of one matrix [D,D], however many they are. */
export interface PatchMoments {
  /** @param patches [N,D] */
  add(patches: Tensor): Promise<void>
  /** Number of patches so far. */
  count(): number
  /** [D] */
  mean(): Float64Array
  /** Population covariance [D,D]: the mean of the products of deviations. */
  covariance(): Float64Array
}

/**
 * Blocks of patches are centred on their mean and merged in float64 (Chan, Golub and LeVeque 1979). Products are summed in float64 for the
 * first patches, as many as a few images have, and in float32 for the others, where so many blocks are added that its rounding averages
 * out.
 * @param dimension D
 */
export async function patchMoments(where: string, dimension: number, signal?: AbortSignal): Promise<PatchMoments> {
  const mergeMany = await coMomentsOf(dimension, BLOCK)
  const means = new Float64Array(dimension)
  const moments = new Float64Array((dimension * (dimension + 1)) / 2)
  let seen = 0
  return {
    async add({ shape, data }) {
      const pause = createPause(where, signal)
      const count = shape[0] as number
      for (let start = 0; start < count; start += CHUNK) {
        const some = Array.from({ length: Math.min(CHUNK, count - start) }, (_, i) =>
          data.subarray((start + i) * dimension, (start + i + 1) * dimension),
        )
        const merge = (seen + some.length) * dimension ** 2 <= EXACT ? mergeExactly : mergeMany
        merge(some, seen, means, moments)
        seen += some.length
        await pause()
      }
    },
    count: () => seen,
    mean: () => means.slice(),
    covariance() {
      const full = new Float64Array(dimension * dimension)
      for (let i = 0, at = 0; i < dimension; i++) {
        for (let j = 0; j <= i; j++, at++) {
          const value = (moments[at] as number) / seen
          full[i * dimension + j] = value
          full[j * dimension + i] = value
        }
      }
      return full
    },
  }
}

/** One block of any size, in float64. */
const mergeExactly: CoMoments = (vectors, before, means, moments) => {
  const [dimension, count] = [means.length, vectors.length]
  const centre = new Float64Array(dimension)
  for (const vector of vectors) vector.forEach((value, d) => (centre[d] = (centre[d] as number) + value / count))
  const rows = vectors.map((vector) => Float64Array.from(vector, (value, d) => value - (centre[d] as number)))
  const weight = Math.sqrt((before * count) / (before + count))
  rows.push(centre.map((value, d) => weight * (value - (means[d] as number))))
  for (let d = 0; d < dimension; d++) {
    const moved = (centre[d] as number) - (means[d] as number)
    means[d] = (means[d] as number) + (moved * count) / (before + count)
  }
  for (const row of rows) {
    for (let i = 0, at = 0; i < dimension; i++) {
      const factor = row[i] as number
      for (let j = 0; j <= i; j++, at++) moments[at] = (moments[at] as number) + factor * (row[j] as number)
    }
  }
}
