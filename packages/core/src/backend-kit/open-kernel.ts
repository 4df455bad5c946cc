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
 * @returns undefined where SIMD is missing or the arrays do not fit: a TypeScript twin must serve
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
