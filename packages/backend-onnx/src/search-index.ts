import {
  assertTensor,
  checkNumber,
  TabError,
  tensor,
  tensorOf,
  type Neighbors,
  type SearchIndex,
  type Tensor,
} from '@tab/core'
import type { OrtModule } from './ort.ts'
import type { SerialSession } from './serial-session.ts'

const CHUNK_ROWS = 1024 // bank rows a product: its result stays in the processor's cache
const BLOCK_QUERIES = 2048
/** Rows looked at beyond k: the product form rounds, so the true order is decided by differences among a few more. */
const MARGIN = 4

interface Chunk {
  readonly start: number
  readonly rows: Float32Array
  readonly norms: Float32Array
}

/**
 * Nearest neighbours by matrix products over chunks of the bank. Both sides are centred on the bank's mean, which keeps the
 * products small; the k + 4 best by product are ranked again by their differences, so distances are accurate near 0.
 */
export function searchIndex(ort: OrtModule, session: SerialSession, bank: Tensor): SearchIndex {
  const where = 'onnxBackend.searchIndex'
  assertTensor(where, 'bank', bank, ['B', 'D'])
  const [size, dimension] = bank.shape as [number, number]
  checkNumber(where, 'the number of vectors in the bank', size, { minimum: 1 })
  const centre = columnMeans(bank)
  const chunks: Chunk[] = []
  for (let start = 0; start < size; start += CHUNK_ROWS) {
    const rows = centred(bank, start, Math.min(size, start + CHUNK_ROWS), centre)
    chunks.push({ start, rows, norms: squaredNorms(rows, dimension) })
  }
  let disposed = false

  async function search(queries: Tensor, k: number): Promise<Neighbors> {
    if (disposed) throw new TabError('DISPOSED', { where: `${where}.search`, message: 'used after dispose()' })
    assertTensor(`${where}.search`, 'queries', queries, ['Q', dimension])
    checkNumber(`${where}.search`, 'k', k, { integer: true, minimum: 1, maximum: size })
    const count = queries.shape[0] as number
    const distances = new Float32Array(count * k)
    const indices = new Int32Array(count * k)
    for (let start = 0; start < count; start += BLOCK_QUERIES) {
      const end = Math.min(count, start + BLOCK_QUERIES)
      const block = centred(queries, start, end, centre)
      const candidates = await nearestByProduct(block, end - start, Math.min(size, k + MARGIN))
      rankByDifference(
        block,
        candidates,
        k,
        distances.subarray(start * k, end * k),
        indices.subarray(start * k, end * k),
      )
    }
    return { distances: tensor([count, k], distances), indices: tensorOf('int32', [count, k], indices) }
  }

  /** Rows of the bank [count, width] with the smallest product form, in its order. */
  async function nearestByProduct(block: Float32Array, count: number, width: number): Promise<Int32Array> {
    const rows = new Int32Array(count * width)
    const values = new Float32Array(count * width).fill(Infinity)
    const queries = new ort.Tensor('float32', block, [count, dimension])
    for (const chunk of chunks) {
      const height = chunk.norms.length
      const kept = Math.min(width, height)
      const found = await session.run(
        {
          queries,
          bank: new ort.Tensor('float32', chunk.rows, [height, dimension]),
          norms: new ort.Tensor('float32', chunk.norms, [height]),
          k: new ort.Tensor('int64', BigInt64Array.of(BigInt(kept)), [1]),
        },
        ['values', 'rows'],
      )
      const chunkValues = found['values']?.data as Float32Array
      const chunkRows = found['rows']?.data as BigInt64Array
      for (let query = 0; query < count; query++) {
        for (let rank = 0; rank < kept; rank++) {
          const value = chunkValues[query * kept + rank] as number
          let place = query * width + width - 1
          if (!(value < (values[place] as number))) break // ascending: the rest of this chunk is no nearer
          for (; place > query * width && value < (values[place - 1] as number); place--) {
            values[place] = values[place - 1] as number
            rows[place] = rows[place - 1] as number
          }
          values[place] = value
          rows[place] = chunk.start + Number(chunkRows[query * kept + rank])
        }
      }
    }
    return rows
  }

  function rankByDifference(
    block: Float32Array,
    candidates: Int32Array,
    k: number,
    distances: Float32Array,
    indices: Int32Array,
  ) {
    const count = block.length / dimension
    const width = candidates.length / count
    for (let query = 0; query < count; query++) {
      const ranked = Array.from(candidates.subarray(query * width, (query + 1) * width), (row) => ({
        row,
        squared: squaredDistance(block, query, row),
      })).sort((left, right) => left.squared - right.squared || left.row - right.row)
      for (let rank = 0; rank < k; rank++) {
        const { row, squared } = ranked[rank] as { row: number; squared: number }
        distances[query * k + rank] = Math.sqrt(squared)
        indices[query * k + rank] = row
      }
    }
  }

  function squaredDistance(block: Float32Array, query: number, row: number): number {
    const { start, rows } = chunks[Math.floor(row / CHUNK_ROWS)] as Chunk
    const from = (row - start) * dimension
    const at = query * dimension
    let sum = 0
    for (let d = 0; d < dimension; d++) {
      const difference = (block[at + d] as number) - (rows[from + d] as number)
      sum += difference * difference
    }
    return sum
  }

  return {
    size,
    dimension,
    search,
    dispose() {
      disposed = true
      chunks.length = 0
    },
  }
}

function columnMeans({ shape, data }: Tensor): Float32Array {
  const [rows, columns] = shape as [number, number]
  const sums = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < columns; d++) sums[d] = (sums[d] as number) + (data[row * columns + d] as number)
  }
  return Float32Array.from(sums, (sum) => sum / rows)
}

/** Rows `start` to `end - 1` less the centre. */
function centred({ shape, data }: Tensor, start: number, end: number, centre: Float32Array): Float32Array {
  const columns = shape[1] as number
  const result = data.slice(start * columns, end * columns)
  for (let row = 0; row < end - start; row++) {
    for (let d = 0; d < columns; d++) {
      const index = row * columns + d
      result[index] = (result[index] as number) - (centre[d] as number)
    }
  }
  return result
}

function squaredNorms(rows: Float32Array, columns: number): Float32Array {
  return Float32Array.from({ length: rows.length / columns }, (_, row) => {
    let sum = 0
    for (let d = row * columns; d < (row + 1) * columns; d++) sum += (rows[d] as number) ** 2
    return sum
  })
}
