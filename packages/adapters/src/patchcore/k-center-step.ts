const { fround } = Math

/** The arrays that a greedy k-center run works on. */
export interface KCenterArrays {
  /** [count * dimension], dimension a multiple of 4. */
  readonly points: Float32Array
  readonly dimension: number
  readonly count: number
  /** Squared distance of each point to its nearest chosen one. */
  readonly nearest: Float32Array
  /** Number of that chosen one. */
  readonly owners: Uint32Array
  /** Rows chosen so far, in order. */
  readonly chosen: Uint32Array
  /** Scratch: squared distances of the chosen points to the newest. */
  readonly gaps: Float32Array
}

/**
 * A bound that survives rounding: a point is skipped only when the triangle inequality holds with this much to spare. 0 turns
 * skipping off.
 */
export const SLACK: number = fround(1 - 1e-4)

/** One step: takes in the newest chosen point, number `number`, and returns the farthest point. */
export type KCenterStep = (number: number) => number

/** The step in TypeScript: the same float32 operations in the same order as the WebAssembly kernel. */
export function typescriptStep(arrays: KCenterArrays, slack: number): KCenterStep {
  const { points, dimension, count, nearest, owners, chosen, gaps } = arrays

  function squaredDistance(a: number, b: number): number {
    let [s0, s1, s2, s3] = [0, 0, 0, 0]
    for (let d = 0; d < dimension; d += 4) {
      const d0 = fround((points[a + d] as number) - (points[b + d] as number))
      const d1 = fround((points[a + d + 1] as number) - (points[b + d + 1] as number))
      const d2 = fround((points[a + d + 2] as number) - (points[b + d + 2] as number))
      const d3 = fround((points[a + d + 3] as number) - (points[b + d + 3] as number))
      s0 = fround(s0 + fround(d0 * d0))
      s1 = fround(s1 + fround(d1 * d1))
      s2 = fround(s2 + fround(d2 * d2))
      s3 = fround(s3 + fround(d3 * d3))
    }
    return fround(fround(s0 + s1) + fround(s2 + s3))
  }

  return (number) => {
    const centre = (chosen[number] as number) * dimension
    for (let i = 0; i <= number; i++) {
      gaps[i] = squaredDistance((chosen[i] as number) * dimension, centre) * slack
    }
    let farthest = 0
    let most = -1
    for (let i = 0; i < count; i++) {
      let distance = nearest[i] as number
      if (4 * distance > (gaps[owners[i] as number] as number)) {
        const candidate = squaredDistance(i * dimension, centre)
        if (candidate < distance) {
          distance = candidate
          nearest[i] = distance
          owners[i] = number
        }
      }
      if (distance > most) {
        most = distance
        farthest = i
      }
    }
    return farthest
  }
}
