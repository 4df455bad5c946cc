import { tensor, type Tensor } from '@tab/core'

/** Rows of equal length in one growing array. */
export interface RowStore {
  count(): number
  /** @param values whole rows, one behind the other */
  append(values: Float32Array): void
  /** Lets all rows go but these, ascending. */
  keep(rows: Uint32Array): void
  /** The rows [N,D], without a copy: good until the next change. */
  rows(): Tensor
}

export function rowStore(dimension: number): RowStore {
  let data: Float32Array = new Float32Array(0)
  let used = 0
  return {
    count: () => used / dimension,
    append(values) {
      if (used + values.length > data.length) {
        // The pages of the new array's empty half are not touched, so doubling takes no more memory than is used.
        const grown = new Float32Array(Math.max(2 * data.length, used + values.length))
        grown.set(data.subarray(0, used))
        data = grown
      }
      data.set(values, used)
      used += values.length
    },
    keep(rows) {
      rows.forEach((row, place) => data.copyWithin(place * dimension, row * dimension, (row + 1) * dimension))
      used = rows.length * dimension
    },
    rows: () => tensor([used / dimension, dimension], data.subarray(0, used)),
  }
}
