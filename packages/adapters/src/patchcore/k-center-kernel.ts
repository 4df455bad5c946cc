import { K_CENTER_KERNEL } from './k-center-kernel.generated.ts'
import type { KCenterArrays, KCenterStep } from './k-center-step.ts'

const PAGE = 65536
const MAXIMUM_PAGES = 65536 // 4 GiB, all that 32-bit addresses reach
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
}

/**
 * Lays out a run in WebAssembly memory and compiles the kernel for it; undefined where SIMD is missing or the points do not
 * fit into 4 GiB, and the TypeScript step must serve.
 * @param limit how many points will be chosen
 * @param far larger than any squared distance
 */
export async function kCenterKernel(
  count: number,
  dimension: number,
  limit: number,
  far: number,
): Promise<KCenterKernel | undefined> {
  const blockCount = Math.ceil(count / BLOCK)
  const lengths = [count * dimension, count, count, limit * dimension, blockCount]
  const sizes = lengths.map((length) => Math.ceil(length / 4) * 16)
  const starts = sizes.map((_, index) => PAGE + sizes.slice(0, index).reduce((sum, size) => sum + size, 0))
  const pages = Math.ceil((PAGE + sizes.reduce((sum, size) => sum + size, 0)) / PAGE)
  if (pages > MAXIMUM_PAGES) return undefined
  let memory: WebAssembly.Memory
  let kernel: KernelExports
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM_PAGES })
    const binary = Uint8Array.from(atob(K_CENTER_KERNEL), (character) => character.charCodeAt(0))
    const { instance } = await WebAssembly.instantiate(binary, { env: { memory, abort: () => undefined } })
    kernel = instance.exports as unknown as KernelExports
  } catch {
    return undefined // no SIMD, or no memory of this size: the twin gives the same result
  }
  const [points, nearest, known, centres, blocks] = starts as [number, number, number, number, number]
  const { buffer } = memory
  const arrays: KCenterArrays = {
    points: new Float32Array(buffer, points, count * dimension),
    dimension,
    count,
    nearest: new Float32Array(buffer, nearest, count).fill(far),
  }
  new Float32Array(buffer, blocks, blockCount).fill(far)
  kernel.open(points, count, dimension, nearest, known, centres, blocks)
  let taken = 0
  return {
    arrays,
    step: (newest) => kernel.step(newest, ++taken),
  }
}
