import { tensor, type Tensor } from '@tab/core'

/** Rows of equal length in one growing array. */
export interface RowStore {
  count(): number
  /** @param values whole rows, one after another */
  append(values: Float32Array | Int32Array): void
  /** Drops all rows but these, given in ascending order. */
  keep(rows: Uint32Array): void
  /** A view of the rows [N,D], valid until the next change. */
  rows(): Tensor
}

export function rowStore(dimension: number): RowStore {
  let data: Float32Array = new Float32Array(0)
  let used = 0
  return {
    count: () => used / dimension,
    append(values) {
      if (used + values.length > data.length) {
        // The empty half of the new array is not touched, so doubling takes no more physical memory than is used.
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
