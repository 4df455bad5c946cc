import { createPause, tensor, tensorOf, type Neighbors, type Tensor } from '@tab/core'

/** Patches of a bank and where in the image each was. */
export interface PlacedBank {
  /** [B,D], by ascending place */
  readonly patches: Tensor
  /** [B], ascending: row * width + column on the grid of the patches */
  readonly places: Tensor<'int32'>
  /** `[height, width]` of the grid */
  readonly grid: readonly [number, number]
}

/**
 * The `k` nearest bank patches of each query among those near its place: at most `position` of the grid's height and width away. Where
 * the bank has fewer than `k` there, the window grows by one cell at a time until it has.
 * @param queries [N * height * width, D], image by image, row by row
 * @param position share of the height and the width, from 0 (the same cell) to 1
 * @param k at most the size of the bank
 * @throws ABORTED
 */
export async function searchNear(
  where: string,
  { patches, places, grid: [height, width] }: PlacedBank,
  queries: Tensor,
  position: number,
  k: number,
  signal: AbortSignal | undefined,
): Promise<Neighbors> {
  const [count, dimension] = queries.shape as [number, number]
  const starts = startsOf(places.data, height * width)
  const [reachDown, reachAcross] = [Math.floor(position * height), Math.floor(position * width)]
  const distances = new Float32Array(count * k)
  const indices = new Int32Array(count * k)
  const nearest = { squared: new Float64Array(k), rows: new Int32Array(k) }
  const pause = createPause(where, signal)
  for (let query = 0; query < count; query++) {
    const place = query % (height * width)
    const [y, x] = [Math.floor(place / width), place % width]
    const vector = queries.data.subarray(query * dimension, (query + 1) * dimension)
    for (let grown = 0; ; grown++) {
      const ranges = rangesOf(starts, [height, width], [y, x], [reachDown + grown, reachAcross + grown])
      if (ranges.reduce((sum, [from, to]) => sum + to - from, 0) < k) continue
      nearest.squared.fill(Infinity)
      for (const [from, to] of ranges) scan(vector, patches.data, from, to, nearest)
      break
    }
    for (let i = 0; i < k; i++) distances[query * k + i] = Math.sqrt(nearest.squared[i] as number)
    indices.set(nearest.rows, query * k)
    await pause()
  }
  return { distances: tensor([count, k], distances), indices: tensorOf('int32', [count, k], indices) }
}

/** For each place its first row of the bank, and the size of the bank at the end. */
function startsOf(places: Int32Array, count: number): Int32Array {
  const starts = new Int32Array(count + 1)
  for (const place of places) starts[place + 1] = (starts[place + 1] as number) + 1
  for (let place = 0; place < count; place++)
    starts[place + 1] = (starts[place + 1] as number) + (starts[place] as number)
  return starts
}

/** Rows of the bank in the window around a cell: one range per row of the grid. */
function rangesOf(
  starts: Int32Array,
  [height, width]: readonly [number, number],
  [y, x]: readonly [number, number],
  [down, across]: readonly [number, number],
): (readonly [number, number])[] {
  const [left, right] = [Math.max(0, x - across), Math.min(width - 1, x + across)]
  const ranges: (readonly [number, number])[] = []
  for (let row = Math.max(0, y - down); row <= Math.min(height - 1, y + down); row++) {
    ranges.push([starts[row * width + left] as number, starts[row * width + right + 1] as number])
  }
  return ranges
}

/** Keeps the nearest rows, ascending by distance; of equal ones, the lower row first. */
function scan(
  vector: Float32Array,
  bank: Float32Array,
  from: number,
  to: number,
  { squared, rows }: { readonly squared: Float64Array; readonly rows: Int32Array },
): void {
  const dimension = vector.length
  const last = squared.length - 1
  for (let row = from; row < to; row++) {
    const start = row * dimension
    let sum = 0
    for (let d = 0; d < dimension; d++) {
      const difference = (vector[d] as number) - (bank[start + d] as number)
      sum += difference * difference
    }
    if (!(sum < (squared[last] as number))) continue
    let at = last
    for (; at > 0 && sum < (squared[at - 1] as number); at--) {
      squared[at] = squared[at - 1] as number
      rows[at] = rows[at - 1] as number
    }
    squared[at] = sum
    rows[at] = row
  }
}
