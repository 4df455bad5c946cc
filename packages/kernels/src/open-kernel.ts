/** The smallest module that uses a SIMD instruction. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
)

/** Whether this engine runs the kernels. Where it does not, plain TypeScript serves, many times slower, with the same results. */
export function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_MODULE)
}

const PAGE = 65536
const MAXIMUM_PAGES = 65536 // 4 GiB, all that 32-bit addresses reach

/** A WebAssembly kernel and where its arrays lie in its memory. */
export interface Kernel<Exports> {
  readonly exports: Exports
  readonly buffer: ArrayBuffer
  /** What another kernel may be opened in when this one is done with. */
  readonly memory: WebAssembly.Memory
  /** Address of each array, a multiple of 16, in the order asked for. */
  readonly places: readonly number[]
}

/**
 * Compiles an embedded kernel that imports its memory, with room for arrays.
 * @param binary base64
 * @param bytes size of each array; zeros at first, unless the memory is reused
 * @param reused memory of an earlier kernel, which must not run again: engines let memories go late, so many in turn add up
 * @returns undefined where SIMD is missing or the arrays do not fit: the plain TypeScript must serve
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
