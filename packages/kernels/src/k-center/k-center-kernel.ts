import { openKernel } from '../open-kernel.ts'
import { K_CENTER_KERNEL } from './k-center-kernel.generated.ts'
import type { KCenterArrays, KCenterStep } from './k-center-reference.ts'

const BLOCK = 64 // as in assembly/k-center.ts

interface KernelExports {
  open(
    points: number,
    count: number,
    dimension: number,
    nearest: number,
    known: number,
    centres: number,
    blocks: number,
  ): void
  step(newest: number, taken: number): number
}

/** Arrays in WebAssembly memory and the step that runs on them. */
export interface KCenterKernel {
  readonly arrays: KCenterArrays
  readonly step: KCenterStep
  /** To be reused by the next run. */
  readonly memory: WebAssembly.Memory
}

/**
 * Compiles the kernel and places the arrays of a run in its memory; undefined if SIMD is missing or the points do not fit
 * into 4 GiB. Use the TypeScript step then.
 * @param limit the number of points to choose
 * @param far larger than any squared distance
 * @param reused the memory of an earlier run
 */
export async function kCenterKernel(
  count: number,
  dimension: number,
  limit: number,
  far: number,
  reused: WebAssembly.Memory | undefined,
): Promise<KCenterKernel | undefined> {
  const blockCount = Math.ceil(count / BLOCK)
  const lengths = [count * dimension, count, count, limit * dimension, blockCount]
  const bytes = lengths.map((length) => 4 * length)
  const kernel = await openKernel<KernelExports>(K_CENTER_KERNEL, bytes, reused)
  if (!kernel) return undefined
  const { exports, buffer, memory, places } = kernel
  const [points, nearest, known, centres, blocks] = places as [number, number, number, number, number]
  const arrays: KCenterArrays = {
    points: new Float32Array(buffer, points, count * dimension),
    dimension,
    count,
    nearest: new Float32Array(buffer, nearest, count).fill(far),
  }
  new Uint32Array(buffer, known, count).fill(0)
  new Float32Array(buffer, blocks, blockCount).fill(far)
  exports.open(points, count, dimension, nearest, known, centres, blocks)
  let taken = 0
  return {
    arrays,
    memory,
    step: (newest) => exports.step(newest, ++taken),
  }
}
