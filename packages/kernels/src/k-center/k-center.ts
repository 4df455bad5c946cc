import { assertTensor, checkNumber, createPause, TabError, type LongTaskOptions, type Tensor } from '@tab/core'
import { kCenterKernel } from './k-center-kernel.ts'
import { DIMENSION_UNIT, referenceStep, type KCenterArrays, type KCenterStep } from './k-center-reference.ts'

export interface KCenterOptions extends LongTaskOptions {
  /** Row that is chosen first. */
  readonly start: number
  /** Run in TypeScript even where WebAssembly serves; the result is the same. Default false. */
  readonly typescript?: boolean
}

/** Larger than any squared distance. */
const FAR = 3e38

/**
 * Greedy k-center (Gonzalez 1985; "minimax facility location" of PatchCore, Roth et al. 2022, algorithm 1): starts at a point
 * and takes, again and again, the point farthest from all taken. Distances are exact in float32. They only
 * shrink while points are taken, so an old distance is an upper bound: only points whose bound exceeds the farthest found need a
 * look, which changes nothing but the time.
 * @param points [N,D]
 * @param count how many to take, from 1 to N
 * @returns their rows, in the order taken; the first row among equals, and never one twice
 * @throws INVALID_ARGUMENT for another shape, or a count or start out of range; NUMERICAL for points that are not finite; ABORTED
 */
export async function kCenter(points: Tensor, count: number, options: KCenterOptions): Promise<Uint32Array> {
  return kCenterRuns()(points, count, options)
}

/** {@link kCenter} for several runs, one at a time, in one memory. */
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
    // All that is left lies on points taken already: taking it would take a row twice.
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

/** The chosen rows and, up to their number, the lowest of the others, which are copies of them. */
function fillWithRest(chosen: Uint32Array, taken: number, rows: number): Uint32Array {
  const known = new Set(chosen.subarray(0, taken))
  for (let row = 0, place = taken; place < chosen.length && row < rows; row++) {
    if (!known.has(row)) chosen[place++] = row
  }
  return chosen
}
