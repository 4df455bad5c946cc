import { checkNumber, throwIfAborted, type LongTaskOptions, type Tensor } from '@tab/core'
import { kCenterKernel } from './k-center-kernel.ts'
import { SLACK, typescriptStep, type KCenterArrays } from './k-center-step.ts'

export interface KCenterOptions extends LongTaskOptions {
  /** Row that is chosen first. */
  readonly start: number
  /** Run in TypeScript even where WebAssembly serves; the result is the same. Default false. */
  readonly typescript?: boolean
}

const PAUSE_MILLISECONDS = 40

/**
 * Greedy k-center (Gonzalez 1985; "minimax facility location" of PatchCore, Roth et al. 2022, algorithm 1): starts at a point
 * and takes, again and again, the point farthest from all taken. Distances are exact in float32; points that the triangle
 * inequality rules out are skipped, which changes nothing but the time.
 * @param points [N,D]
 * @param count how many to take, from 1 to N
 * @returns their rows, in the order taken; the first row among equals, and never one twice
 */
export async function kCenter(points: Tensor, count: number, options: KCenterOptions): Promise<Uint32Array> {
  const { start, typescript = false, signal, onProgress } = options
  const [rows, columns] = points.shape as [number, number]
  checkNumber('kCenter', 'count', count, { integer: true, minimum: 1, maximum: rows })
  checkNumber('kCenter', 'start', start, { integer: true, minimum: 0, maximum: rows - 1 })
  const dimension = Math.ceil(columns / 4) * 4
  const kernel = typescript ? undefined : await kCenterKernel(rows, dimension, count, SLACK)
  const arrays = kernel?.arrays ?? plainArrays(rows, dimension, count)
  const step = kernel?.step ?? typescriptStep(arrays, SLACK)
  for (let row = 0; row < rows; row++) {
    arrays.points.set(points.data.subarray(row * columns, (row + 1) * columns), row * dimension)
  }
  // Larger than any squared distance, and larger than the gap of the first step, which is 0.
  arrays.nearest.fill(3e38)

  let pause = performance.now() + PAUSE_MILLISECONDS
  let next = start
  for (let taken = 0; taken < count; taken++) {
    arrays.chosen[taken] = next
    next = step(taken)
    // All that is left lies on points taken already: taking it would take a row twice.
    if (arrays.nearest[next] === 0 && taken + 1 < count) return fillWithRest(arrays.chosen, taken + 1, count, rows)
    if (performance.now() > pause) {
      onProgress?.({ phase: 'coreset', done: taken + 1, total: count })
      await new Promise((resolve) => setTimeout(resolve, 0))
      throwIfAborted('kCenter', signal)
      pause = performance.now() + PAUSE_MILLISECONDS
    }
  }
  onProgress?.({ phase: 'coreset', done: count, total: count })
  return arrays.chosen.slice()
}

function plainArrays(count: number, dimension: number, limit: number): KCenterArrays {
  return {
    points: new Float32Array(count * dimension),
    dimension,
    count,
    nearest: new Float32Array(count),
    owners: new Uint32Array(count),
    chosen: new Uint32Array(limit),
    gaps: new Float32Array(limit),
  }
}

/** The chosen rows and, up to the count, the lowest of the others, which are copies of them. */
function fillWithRest(chosen: Uint32Array, taken: number, count: number, rows: number): Uint32Array {
  const result = chosen.slice()
  const known = new Set(chosen.subarray(0, taken))
  for (let row = 0, place = taken; place < count && row < rows; row++) {
    if (!known.has(row)) result[place++] = row
  }
  return result
}
