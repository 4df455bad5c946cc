const { fround } = Math

/** The arrays of a greedy k-center run. */
export interface KCenterArrays {
  /** [count * dimension], dimension a multiple of 16. */
  readonly points: Float32Array
  readonly dimension: number
  readonly count: number
  /** The squared distance of each point to its nearest chosen one, or an upper bound; exact for the farthest point. */
  readonly nearest: Float32Array
}

/** Dimensions are padded with zeros to a multiple of this. */
export const DIMENSION_UNIT = 16

/** One step: adds the newest chosen row and returns the row farthest from all chosen, the first among equals. */
export type KCenterStep = (newest: number) => number

/**
 * The step in TypeScript. It computes distances by the same float32 operations in the same order as the WebAssembly kernel, so
 * both choose the same points.
 */
export function referenceStep({ points, dimension, count, nearest }: KCenterArrays): KCenterStep {
  const chosen: number[] = []
  const known = new Uint32Array(count)
  const sums = new Float32Array(DIMENSION_UNIT)
  let most = -1
  let farthest = 0

  function squaredDistance(a: number, b: number): number {
    for (let lane = 0; lane < DIMENSION_UNIT; lane++) {
      let sum = 0
      for (let d = lane; d < dimension; d += DIMENSION_UNIT) {
        const difference = fround((points[a + d] as number) - (points[b + d] as number))
        sum = fround(sum + fround(difference * difference))
      }
      sums[lane] = sum
    }
    const lanes = (lane: number): number =>
      fround(
        fround((sums[lane] as number) + (sums[lane + 4] as number)) +
          fround((sums[lane + 8] as number) + (sums[lane + 12] as number)),
      )
    return fround(fround(lanes(0) + lanes(1)) + fround(lanes(2) + lanes(3)))
  }

  /** Whether a point at this distance or less may come before the farthest so far. */
  const precedes = (distance: number, row: number): boolean => distance > most || (distance === most && row < farthest)

  /** Updates a point with the chosen ones, for as long as it may still be the farthest. */
  function visit(row: number): void {
    let distance = nearest[row] as number
    let seen = known[row] as number
    while (seen < chosen.length && precedes(distance, row)) {
      distance = Math.min(distance, squaredDistance(row * dimension, chosen[seen] as number))
      seen++
    }
    nearest[row] = distance
    known[row] = seen
    if (precedes(distance, row)) {
      most = distance
      farthest = row
    }
  }

  return (newest) => {
    chosen.push(newest * dimension)
    most = -1
    farthest = 0
    let highest = 0
    for (let row = 1; row < count; row++) if ((nearest[row] as number) > (nearest[highest] as number)) highest = row
    visit(highest) // a high bar first, so that most points are skipped
    for (let row = 0; row < count; row++) if (precedes(nearest[row] as number, row)) visit(row)
    return farthest
  }
}
