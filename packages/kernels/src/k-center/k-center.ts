import { assertTensor, checkNumber, createPause, TabError, type LongTaskOptions, type Tensor } from '@tab/core'
import { kCenterKernel } from './k-center-kernel.ts'
import { DIMENSION_UNIT, referenceStep, type KCenterArrays, type KCenterStep } from './k-center-reference.ts'

export interface KCenterOptions extends LongTaskOptions {
  /** The row to choose first. */
  readonly start: number
  /** Run in plain TypeScript even if WebAssembly is available; the result is the same. Default false. */
  readonly typescript?: boolean
}

/** Larger than any squared distance. */
const FAR = 3e38

/**
 * Greedy k-center (Gonzalez 1985; "minimax facility location" in PatchCore, Roth et al. 2022, algorithm 1): starts at one point
 * and repeatedly takes the point farthest from all those taken. Distances are exact in float32. As they only shrink while points
 * are taken, an old distance is an upper bound, and points whose bound is below the farthest found are skipped; this saves time
 * without changing the result.
 * @param points [N,D]
 * @param count the number to take, from 1 to N
 * @returns their rows, in the order taken; the first row among equals, and no row twice
 * @throws INVALID_ARGUMENT for another shape, or a count or start out of range; NUMERICAL for points that are not finite; ABORTED
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { kCenter } from '@tab/kernels'
 * const points = tensor([5, 1], Float32Array.of(0, 1, 2, 9, 10))
 * console.log(await kCenter(points, 3, { start: 0 })) // Uint32Array(3) [ 0, 4, 2 ]
 * ```
 */
export async function kCenter(points: Tensor, count: number, options: KCenterOptions): Promise<Uint32Array> {
  return kCenterRuns()(points, count, options)
}

/**
 * {@link kCenter} for several runs, one at a time, which share one WebAssembly memory.
 * @example
 * ```ts
 * import { randomTensor } from '@tab/core/testing'
 * import { kCenterRuns } from '@tab/kernels'
 * const sizes: number[] = []
 * const kCenter = kCenterRuns()
 * for (const category of ['bottle', 'cable']) {
 *   const rows = await kCenter(randomTensor(category, [1000, 16]), 10, { start: 0 })
 *   sizes.push(rows.length)
 * }
 * console.log(sizes) // [ 10, 10 ]
 * ```
 */
export function kCenterRuns(): typeof kCenter {
  let memory: WebAssembly.Memory | undefined
  return async (points, count, options) => {
    const { rows, columns, dimension } = checked(points, count, options)
    const kernel = options.typescript ? undefined : await kCenterKernel(rows, dimension, count, FAR, memory)
    memory = kernel?.memory ?? memory
    const arrays = kernel?.arrays ?? plainArrays(rows, dimension)
    for (let row = 0; row < rows; row++) {
      const place = row * dimension
      arrays.points.set(points.data.subarray(row * columns, (row + 1) * columns), place)
      arrays.points.fill(0, place + columns, place + dimension)
    }
    const phase = kernel ? 'coreset' : 'coreset in plain TypeScript'
    return takeFarthest(arrays, kernel?.step ?? referenceStep(arrays), count, phase, options)
  }
}

function checked(
  points: Tensor,
  count: number,
  { start }: KCenterOptions,
): { rows: number; columns: number; dimension: number } {
  assertTensor('kCenter', 'points', points, ['N', 'D'])
  const [rows, columns] = points.shape as [number, number]
  checkNumber('kCenter', 'count', count, { integer: true, minimum: 1, maximum: rows })
  checkNumber('kCenter', 'start', start, { integer: true, minimum: 0, maximum: rows - 1 })
  const broken = points.data.findIndex((value) => value - value !== 0)
  if (broken >= 0) {
    const actual = `${points.data[broken]} in row ${Math.floor(broken / columns)}`
    throw new TabError('NUMERICAL', { where: 'kCenter', expected: 'points must be finite', actual })
  }
  return { rows, columns, dimension: Math.ceil(columns / DIMENSION_UNIT) * DIMENSION_UNIT }
}

async function takeFarthest(
  arrays: KCenterArrays,
  step: KCenterStep,
  count: number,
  phase: string,
  { start, signal, onProgress }: KCenterOptions,
): Promise<Uint32Array> {
  const chosen = new Uint32Array(count)
  const pause = createPause('kCenter', signal)
  let next = start
  for (let taken = 0; taken < count; taken++) {
    chosen[taken] = next
    if (taken + 1 === count) break
    next = step(next)
    // All remaining points equal points taken already: going on would take a row twice.
    if (arrays.nearest[next] === 0) return fillWithRest(chosen, taken + 1, arrays.count)
    const waiting = pause()
    if (!waiting) continue
    onProgress?.({ phase, done: taken + 1, total: count })
    await waiting
  }
  onProgress?.({ phase, done: count, total: count })
  return chosen
}

function plainArrays(count: number, dimension: number): KCenterArrays {
  return {
    points: new Float32Array(count * dimension),
    dimension,
    count,
    nearest: new Float32Array(count).fill(FAR),
  }
}

/** The chosen rows, filled up with the lowest of the others, which are copies of them. */
function fillWithRest(chosen: Uint32Array, taken: number, rows: number): Uint32Array {
  const known = new Set(chosen.subarray(0, taken))
  for (let row = 0, place = taken; place < chosen.length && row < rows; row++) {
    if (!known.has(row)) chosen[place++] = row
  }
  return chosen
}
