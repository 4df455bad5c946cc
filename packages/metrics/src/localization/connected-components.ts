import { checkNumber, TabError } from '@tab/core'

/** Which pixels are neighbours: those that share a side (4), or a corner too (8). */
export type Connectivity = 4 | 8

export interface Components {
  /** `[H*W]`: 0 outside the mask, otherwise the number of the component, from 1, in the order of their first pixels. */
  readonly labels: Int32Array
  /** Number of pixels of each component; index 0 is component 1. */
  readonly sizes: number[]
}

/**
 * Connected components of a binary mask, by union-find over the runs of its rows (He, Chao & Suzuki 2008).
 * @param mask [H*W], row-major; every value but 0 is inside
 * @throws INVALID_ARGUMENT for a mask that does not hold height * width bytes, or another connectivity
 * @example
 * ```ts
 * import { connectedComponents } from '@tab/metrics'
 *
 * const mask = Uint8Array.of(1, 1, 0, 1, 0, 0, 0, 1)
 * const { labels, sizes } = connectedComponents(mask, 2, 4)
 * console.log([...labels].join(''), sizes) // 11020002 [ 2, 2 ]
 * ```
 */
export function connectedComponents(
  mask: Uint8Array,
  height: number,
  width: number,
  connectivity: Connectivity = 8,
): Components {
  checkNumber('connectedComponents', 'height', height, { integer: true, minimum: 1 })
  checkNumber('connectedComponents', 'width', width, { integer: true, minimum: 1 })
  const refuse = (expected: string, actual: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where: 'connectedComponents', expected, actual })
  }
  const kind = Object.prototype.toString.call(mask).slice(8, -1) // of any realm
  if (!['Uint8Array', 'Uint8ClampedArray'].includes(kind)) refuse('mask must be a Uint8Array', kind)
  if (mask.length !== height * width) refuse(`mask must hold ${height} x ${width} pixels`, String(mask.length))
  if (connectivity !== 4 && connectivity !== 8) refuse('connectivity must be 4 or 8', String(connectivity))
  const runs = findRuns(mask, height, width)
  const parents = joinRuns(runs, width, connectivity === 8 ? 1 : 0)

  const labels = new Int32Array(mask.length)
  const numbers = new Int32Array(runs.count)
  const sizes: number[] = []
  for (let run = 0; run < runs.count; run++) {
    const [start, end] = [runs.starts[run] as number, runs.ends[run] as number]
    const root = rootOf(parents, run)
    if (root === run) numbers[run] = sizes.push(0) // the first run of a component is its root
    const number = numbers[root] as number
    sizes[number - 1] = (sizes[number - 1] as number) + end - start
    for (let index = start; index < end; index++) labels[index] = number
  }
  return { labels, sizes }
}

/** Runs of pixels inside the mask, each within one row, in row-major order: from `starts` to before `ends`. */
interface Runs {
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly count: number
}

function findRuns(mask: Uint8Array, height: number, width: number): Runs {
  let [starts, ends, count] = [new Int32Array(256), new Int32Array(256), 0]
  // Skips four pixels at once where all are outside.
  const aligned = mask.byteOffset % 4 === 0
  const words = aligned ? new Uint32Array(mask.buffer, mask.byteOffset, mask.length >> 2) : undefined
  for (let row = 0; row < height; row++) {
    const end = (row + 1) * width
    let index = row * width
    while (index < end) {
      if (mask[index] === 0) {
        index++
        if (words && index % 4 === 0) while (index + 4 <= end && words[index >> 2] === 0) index += 4
        continue
      }
      if (count === starts.length) [starts, ends] = [doubled(starts), doubled(ends)]
      starts[count] = index++
      while (index < end && mask[index] !== 0) index++
      ends[count++] = index
    }
  }
  return { starts, ends, count }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const result = new Int32Array(2 * array.length)
  result.set(array)
  return result
}

/** Parents of a forest over the runs: one tree per component, whose root is its first run. */
function joinRuns({ starts, ends, count }: Runs, width: number, reach: 0 | 1): Int32Array {
  const parents = new Int32Array(count)
  let above = 0 // the first run in the row above that may touch the current one
  for (let run = 0; run < count; run++) {
    parents[run] = run
    // In the coordinates of the row above; no run crosses the end of a row, and neither may a corner.
    const start = starts[run] as number
    const row = start - (start % width)
    const low = Math.max(start - reach, row) - width
    const high = Math.min((ends[run] as number) + reach, row + width) - width
    while (above < run && (ends[above] as number) <= low) above++
    for (let other = above; other < run && (starts[other] as number) < high; other++) {
      const [a, b] = [rootOf(parents, run), rootOf(parents, other)]
      if (a < b) parents[b] = a
      else parents[a] = b
    }
  }
  return parents
}

function rootOf(parents: Int32Array, run: number): number {
  let at = run
  for (;;) {
    const parent = parents[at] as number
    if (parent === at) return at
    const grandparent = parents[parent] as number
    parents[at] = grandparent // path halving
    at = grandparent
  }
}
