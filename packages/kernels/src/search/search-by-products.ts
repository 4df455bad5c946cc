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

const CHUNK_ROWS = 1024 // bank rows per product, so that its result stays in the processor's cache
const BLOCK_QUERIES = 2048
/** Rows examined beyond k: the product form rounds, so differences decide the true order among a few more. */
const MARGIN = 4

/** Rows of a bank loaded into an engine. */
export interface BankChunk {
  /**
   * For each query [Q,D], the `kept` rows with the smallest |b|² - 2 q·b, ascending.
   * @returns values and rows of the chunk, each [Q,kept]
   */
  nearest(queries: Tensor, kept: number): Promise<{ values: Float32Array; rows: Int32Array }>
  dispose(): void
}

export interface SearchByProductsOptions {
  /** The operation, for messages: `onnxBackend.searchIndex`. */
  readonly where: string
  /** [B,D] */
  readonly bank: Tensor
  /** Loads rows [R,D] and their squared norms [R] into the engine. */
  readonly load: (rows: Tensor, squaredNorms: Tensor) => BankChunk
}

interface LoadedChunk {
  readonly start: number
  readonly rows: Float32Array
  readonly onEngine: BankChunk
}

/** The rows of the bank that may be nearest to each query, [Q,width], in ascending order of the product form. */
interface Candidates {
  readonly rows: Int32Array
  readonly values: Float32Array
  readonly width: number
}

/**
 * The search index of a backend with fast matrix products: the backend multiplies chunk by chunk, and the results are merged here.
 * Both sides are centred on the bank's mean, which keeps the products small. Where rounding leaves the order of the k + 4 best open,
 * they are ranked again by their differences, so distances are accurate near 0.
 * @example
 * ```ts
 * import { tensor, type Tensor } from '@tab/core'
 * import { searchByProducts, type BankChunk } from '@tab/kernels'
 * // An engine for vectors of one number: the kept rows with the smallest |b|² - 2 q b, for a single query.
 * const load = (rows: Tensor, norms: Tensor): BankChunk => ({
 *   async nearest(queries, kept) {
 *     const values = norms.data.map((norm, row) => norm - 2 * queries.data[0]! * rows.data[row]!)
 *     const order = [...values.keys()].sort((left, right) => values[left]! - values[right]!).slice(0, kept)
 *     return { values: Float32Array.from(order, (row) => values[row]!), rows: Int32Array.from(order) }
 *   },
 *   dispose: () => undefined,
 * })
 * const index = searchByProducts({ where: 'myBackend', bank: tensor([3, 1], Float32Array.of(0, 4, 9)), load })
 * console.log((await index.search(tensor([1, 1], Float32Array.of(5)), 2)).distances.data) // Float32Array(2) [ 1, 4 ]
 * ```
 */
export function searchByProducts({ where, bank, load }: SearchByProductsOptions): SearchIndex {
  assertTensor(where, 'bank', bank, ['B', 'D'])
  const [size, dimension] = bank.shape as [number, number]
  checkNumber(where, 'the number of vectors in the bank', size, { minimum: 1 })
  const centre = columnMeans(bank)
  const chunks: LoadedChunk[] = []
  let largestNorm = 0
  for (let start = 0; start < size; start += CHUNK_ROWS) {
    const rows = centred(bank, start, Math.min(size, start + CHUNK_ROWS), centre)
    const norms = squaredNorms(rows, dimension)
    largestNorm = norms.reduce((most, norm) => Math.max(most, norm), largestNorm)
    const onEngine = load(tensor([norms.length, dimension], rows), tensor([norms.length], norms))
    chunks.push({ start, rows, onEngine })
  }
  // A product form is off by at most (D + 8) 2^-24 (|q| + |b|)², and (|q| + |b|)² is at most 2 (|q|² + |b|²).
  const rounding = (dimension + 8) * 2 ** -23
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
      const block = tensor([end - start, dimension], centred(queries, start, end, centre))
      const candidates = await nearestByProduct(block, Math.min(size, k + MARGIN))
      const [from, to] = [start * k, end * k]
      rankByDifference(block, candidates, k, distances.subarray(from, to), indices.subarray(from, to))
    }
    return { distances: tensor([count, k], distances), indices: tensorOf('int32', [count, k], indices) }
  }

  /** The rows of the bank [Q,width] with the smallest product form, in ascending order. */
  async function nearestByProduct(block: Tensor, width: number): Promise<Candidates> {
    const count = block.shape[0] as number
    const rows = new Int32Array(count * width)
    const values = new Float32Array(count * width).fill(Infinity)
    for (const { start, rows: own, onEngine } of [...chunks]) {
      const kept = Math.min(width, own.length / dimension)
      const found = await onEngine.nearest(block, kept)
      for (let query = 0; query < count; query++) {
        for (let rank = 0; rank < kept; rank++) {
          const value = found.values[query * kept + rank] as number
          let place = query * width + width - 1
          if (!(value < (values[place] as number))) break // ascending: the rest of this chunk is no nearer
          for (; place > query * width && value < (values[place - 1] as number); place--) {
            values[place] = values[place - 1] as number
            rows[place] = rows[place - 1] as number
          }
          values[place] = value
          rows[place] = start + (found.rows[query * kept + rank] as number)
        }
      }
    }
    return { rows, values, width }
  }

  function rankByDifference(
    block: Tensor,
    candidates: Candidates,
    k: number,
    distances: Float32Array,
    indices: Int32Array,
  ): void {
    const { width } = candidates
    const rows = new Int32Array(width)
    const squared = new Float64Array(width)
    const norms = squaredNorms(block.data, dimension)
    for (const [query, norm] of norms.entries()) {
      const slack = rounding * (norm + largestNorm)
      for (let filled = 0; filled < width; filled++) {
        const product = norm + (candidates.values[query * width + filled] as number)
        if (filled >= k && product - slack > (squared[k - 1] as number)) break // and so are all after it
        const row = candidates.rows[query * width + filled] as number
        const value = squaredDistance(block.data, query, row)
        let place = filled
        for (; place > 0; place--) {
          const before = squared[place - 1] as number
          if (before < value || (before === value && (rows[place - 1] as number) < row)) break
          squared[place] = before
          rows[place] = rows[place - 1] as number
        }
        squared[place] = value
        rows[place] = row
      }
      for (let rank = 0; rank < k; rank++) {
        distances[query * k + rank] = Math.sqrt(squared[rank] as number)
        indices[query * k + rank] = rows[rank] as number
      }
    }
  }

  function squaredDistance(block: Float32Array, query: number, row: number): number {
    const { start, rows } = chunks[Math.floor(row / CHUNK_ROWS)] as LoadedChunk
    const from = (row - start) * dimension
    const at = query * dimension
    // Four sums in parallel: a single one would wait for its last addition at every step.
    const whole = dimension - (dimension % 4)
    let [s0, s1, s2, s3] = [0, 0, 0, 0]
    for (let d = 0; d < whole; d += 4) {
      const d0 = (block[at + d] as number) - (rows[from + d] as number)
      const d1 = (block[at + d + 1] as number) - (rows[from + d + 1] as number)
      const d2 = (block[at + d + 2] as number) - (rows[from + d + 2] as number)
      const d3 = (block[at + d + 3] as number) - (rows[from + d + 3] as number)
      s0 += d0 * d0
      s1 += d1 * d1
      s2 += d2 * d2
      s3 += d3 * d3
    }
    for (let d = whole; d < dimension; d++) s0 += ((block[at + d] as number) - (rows[from + d] as number)) ** 2
    return s0 + s1 + (s2 + s3)
  }

  return {
    size,
    dimension,
    search,
    dispose() {
      if (disposed) return
      disposed = true
      for (const { onEngine } of chunks) onEngine.dispose()
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

/** Rows `start` to `end - 1`, minus the centre. */
function centred({ shape, data }: Tensor, start: number, end: number, centre: Float32Array): Float32Array {
  const columns = shape[1] as number
  const result = new Float32Array((end - start) * columns)
  for (let to = 0, from = start * columns; to < result.length;) {
    for (let d = 0; d < columns; d++) result[to++] = (data[from++] as number) - (centre[d] as number)
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
