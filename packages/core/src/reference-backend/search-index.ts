import type { Neighbors, SearchIndex } from '../backend.ts'
import { assertTensor, checkNumber } from '../check.ts'
import { TabError } from '../errors.ts'
import { tensor, tensorOf, type Tensor } from '../tensor.ts'

/** Exact nearest neighbours by brute force over differences: the definition, with no rounding shortcut. */
export function searchIndex(bank: Tensor): SearchIndex {
  assertTensor('searchIndex', 'bank', bank, ['B', 'D'])
  const [size, dimension] = bank.shape as [number, number]
  checkNumber('searchIndex', 'the number of vectors in the bank', size, { minimum: 1 })
  let disposed = false

  function search(queries: Tensor, k: number): Neighbors {
    if (disposed) throw new TabError('DISPOSED', { where: 'searchIndex.search', message: 'used after dispose()' })
    assertTensor('searchIndex.search', 'queries', queries, ['Q', dimension])
    checkNumber('searchIndex.search', 'k', k, { integer: true, minimum: 1, maximum: size })
    const count = queries.shape[0] as number
    const distances = new Float32Array(count * k)
    const indices = new Int32Array(count * k)
    const squared = new Float64Array(size)
    for (let query = 0; query < count; query++) {
      for (let row = 0; row < size; row++) {
        let sum = 0
        for (let d = 0; d < dimension; d++) {
          const difference =
            (queries.data[query * dimension + d] as number) - (bank.data[row * dimension + d] as number)
          sum += difference * difference
        }
        squared[row] = sum
      }
      nearest(squared, k).forEach((row, rank) => {
        indices[query * k + rank] = row
        distances[query * k + rank] = Math.sqrt(squared[row] as number)
      })
    }
    return { distances: tensor([count, k], distances), indices: tensorOf('int32', [count, k], indices) }
  }

  return {
    size,
    dimension,
    search: async (queries, k) => search(queries, k),
    dispose() {
      disposed = true
    },
  }
}

/** Rows of the k smallest values, ascending, the lower row first among equals. */
function nearest(values: Float64Array, k: number): number[] {
  const best: number[] = []
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number
    if (best.length === k && value >= (values[best[k - 1] as number] as number)) continue
    let place = best.length
    while (place > 0 && value < (values[best[place - 1] as number] as number)) place--
    best.splice(place, 0, row)
    if (best.length > k) best.pop()
  }
  return best
}
