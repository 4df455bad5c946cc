/** The smallest module that uses a SIMD instruction. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
)

/**
 * Whether this engine can run the kernels. Otherwise plain TypeScript gives the same results, many times slower.
 * @example
 * ```ts
 * import { hasSimd } from '@tab/kernels'
 * console.log(hasSimd()) // true
 * ```
 */
export function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_MODULE)
}

const PAGE = 65536
const MAXIMUM_PAGES = 65536 // 4 GiB, all that 32-bit addresses reach

/** A WebAssembly kernel and the places of its arrays in memory. */
export interface Kernel<Exports> {
  readonly exports: Exports
  readonly buffer: ArrayBuffer
  /** May be reused for another kernel when this one is no longer needed. */
  readonly memory: WebAssembly.Memory
  /** Address of each array, a multiple of 16, in the order asked for. */
  readonly places: readonly number[]
}

/**
 * Compiles an embedded kernel and gives it a memory with room for arrays.
 * @param binary base64
 * @param bytes the size of each array; filled with zeros unless the memory is reused
 * @param reused the memory of an earlier kernel, which must not run again: engines free memories late, so many in a row add up
 * @returns undefined if SIMD is missing or the arrays do not fit; use plain TypeScript then
 */
export async function openKernel<Exports>(
  binary: string,
  bytes: readonly number[],
  reused?: WebAssembly.Memory,
): Promise<Kernel<Exports> | undefined> {
  const places: number[] = []
  let end = PAGE
  for (const size of bytes) {
    places.push(end)
    end += Math.ceil(size / 16) * 16
  }
  const pages = Math.ceil(end / PAGE)
  if (pages > MAXIMUM_PAGES) return undefined
  try {
    const memory = reused ?? new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM_PAGES })
    const missing = pages - memory.buffer.byteLength / PAGE
    if (missing > 0) memory.grow(missing)
    const code = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0))
    const { instance } = await WebAssembly.instantiate(code, { env: { memory, abort: () => undefined } })
    return { exports: instance.exports as unknown as Exports, buffer: memory.buffer, memory, places }
  } catch {
    return undefined
  }
}
