import { TabError } from '@tab/core'
import { SHARED_WINOGRAD_KERNEL, WINOGRAD_KERNEL } from './winograd-kernel.generated.ts'

/**
 * Bytes of the 36 planes of a tile, of `size` numbers each; between them is a gap that caches need.
 * @example
 * ```ts
 * import { winogradPlanes } from '@tab/kernels'
 * console.log(winogradPlanes(8)) // 3456
 * ```
 */
export const winogradPlanes = (size: number): number => 36 * (4 * size + 64)
/** Words of a job (int32). */
export const WINOGRAD_WORDS = 32

/** What threads work on together: a convolution of 3x3 taps, or the gradient by its filter. Addresses are those of float32 arrays, channels last. */
export interface WinogradJob {
  readonly kind: 'convolution' | 'filter gradient'
  readonly count: number
  /** Images that a thread takes at once. */
  readonly length: number
  /** [height,width,channels] of an image, and of what it gives; channels are multiples of 8. */
  readonly input: readonly [number, number, number]
  readonly output: readonly [number, number, number]
  /** Zeros above and before the image. */
  readonly padding: readonly [number, number]
  readonly inputs: number
  /** Where the outputs go; for a filter gradient, the gradients of the outputs. */
  readonly outputs: number
  /** Filters of a convolution in planes (see `spreadFilters`); or where the gradients of the parts go, [3,3,channels in,channels out] each. */
  readonly filters: number
  /** Room for each thread, one after the other, of {@link winogradRoom} bytes. */
  readonly room: number
}

/** Winograd's convolution in the memory of an engine. */
export interface Winograd {
  /** For other threads: an instance of it has the same functions. */
  readonly module: WebAssembly.Module
  /** Takes parts of the job at an address until none is left; threads are counted from 0. */
  work(job: number, thread: number): void
  /** G w G^T: filters [3,3,size] to 36 planes [size]; `scratch` has 576 bytes. */
  spreadFilters(filters: number, size: number, planes: number, scratch: number): void
  /** Adds arrays of `size` numbers, one after the other, in their order. */
  sumParts(parts: number, count: number, size: number, target: number): void
}

const [GENERATION, ACTIVE, OPEN, NEXT] = [0, 1, 2, 3]
/** Word that a thread sets when its part failed, before it ends. */
const FAILED = WINOGRAD_WORDS - 1
const PATIENCE = 30_000 // milliseconds for a part, which takes some

/** Tiles of 4x4 outputs, down and across. */
function tilesOf({ output: [height, width] }: Pick<WinogradJob, 'output'>): [number, number] {
  return [Math.ceil(height / 4), Math.ceil(width / 4)]
}

/**
 * Parts of a job, which threads take one after the other.
 * @example
 * ```ts
 * import { winogradParts } from '@tab/kernels'
 * console.log(winogradParts({ count: 8, length: 3 })) // 3
 * ```
 */
export function winogradParts({ count, length }: Pick<WinogradJob, 'count' | 'length'>): number {
  return Math.ceil(count / length)
}

/**
 * Bytes that a thread needs for a job: scratch, a few columns, planes.
 * @example
 * ```ts
 * import { winogradRoom } from '@tab/kernels'
 * console.log(winogradRoom({ kind: 'convolution', length: 1, input: [4, 4, 8], output: [4, 4, 8] })) // 7744
 * ```
 */
export function winogradRoom(job: Pick<WinogradJob, 'kind' | 'length' | 'input' | 'output'>): number {
  const [down, across] = tilesOf(job)
  const [inputs, outputs] = [job.input[2], job.output[2]]
  const rows = job.length * down * across
  const sums = job.kind === 'convolution' ? 0 : winogradPlanes(inputs * outputs)
  return 576 + 32 * Math.max(inputs, rows) + winogradPlanes(rows * inputs) + winogradPlanes(rows * outputs) + sums
}

/**
 * Does a job in this thread and those that wait for it, which look at the first word; one that fails sets the last.
 * @param address of the job's {@link WINOGRAD_WORDS} words
 * @throws UNSUPPORTED when another thread failed, or has not finished its part after half a minute
 * @example
 * ```ts
 * import { runWinograd, WINOGRAD_WORDS, winogradIn } from '@tab/kernels'
 *
 * const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 })
 * const [job, inputs, taps, filters, outputs, room] = [0, 1024, 2048, 8192, 24576, 32768] // places in bytes
 * const numbers = new Float32Array(memory.buffer)
 * numbers.fill(1, inputs / 4, inputs / 4 + 4 * 4 * 8) // an image
 * numbers.fill(1, taps / 4, taps / 4 + 9 * 8 * 8) // 3x3 taps from 8 channels to 8
 * const winograd = winogradIn(memory)
 * winograd?.spreadFilters(taps, 64, filters, room)
 * const words = new Int32Array(memory.buffer, job, WINOGRAD_WORDS)
 * const shape = { kind: 'convolution', count: 1, length: 1, input: [4, 4, 8], output: [4, 4, 8], padding: [1, 1] } as const
 * if (winograd) runWinograd(winograd, words, job, { ...shape, inputs, outputs, filters, room })
 * console.log(Math.round(numbers[outputs / 4] ?? 0)) // 32
 * ```
 */
export function runWinograd(winograd: Winograd, words: Int32Array, address: number, job: WinogradJob): void {
  const { kind, count, length, input, output, padding, inputs, outputs, filters, room } = job
  words.fill(0, NEXT, FAILED)
  words.set([winogradParts(job), kind === 'convolution' ? 0 : 1, count, length, ...input, ...output], NEXT + 1)
  words.set([...padding, ...tilesOf(job), inputs, outputs, filters, room, winogradRoom(job)], NEXT + 11)
  Atomics.store(words, OPEN, 1)
  Atomics.add(words, GENERATION, 1)
  Atomics.notify(words, GENERATION)
  winograd.work(address, 0)
  Atomics.store(words, OPEN, 0)
  // Others finish their last parts. One that was ended from outside within a part would never be done.
  for (let waited = 0; Atomics.load(words, ACTIVE) !== 0; waited++) {
    const hasFailed = Atomics.load(words, FAILED) !== 0
    if (hasFailed || waited === PATIENCE) {
      const what = hasFailed ? 'failed' : 'has not finished its part within 30 seconds'
      throw new TabError('UNSUPPORTED', { where: 'winograd', message: `a thread that helps with convolutions ${what}` })
    }
    Atomics.wait(words, ACTIVE, Atomics.load(words, ACTIVE), 1)
  }
}

/**
 * Winograd's convolution of 3x3 taps in tiles of 4x4 outputs, F(4x4,3x3) of Lavin and Gray (2016), over arrays in an engine's memory: four times fewer
 * multiplications than the convolution itself has.
 * @returns undefined where it cannot run, as without SIMD; convolve directly then
 * @example
 * ```ts
 * import { winogradIn } from '@tab/kernels'
 *
 * const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 })
 * const values = new Float32Array(memory.buffer)
 * values.fill(1, 0, 9 * 8) // 3x3 taps of 8 filters
 * const [filters, scratch, planes] = [0, 1024, 2048] // places in bytes
 * const winograd = winogradIn(memory)
 * winograd?.spreadFilters(filters, 8, planes, scratch)
 * console.log(winograd ? values[planes / 4] : 1 / 16) // 0.0625
 * ```
 */
export function winogradIn(memory: WebAssembly.Memory): Winograd | undefined {
  const isShared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer
  const code = atob(isShared ? SHARED_WINOGRAD_KERNEL : WINOGRAD_KERNEL)
  try {
    const module = new WebAssembly.Module(Uint8Array.from(code, (character) => character.charCodeAt(0)))
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    return { ...(exports as unknown as Omit<Winograd, 'module'>), module }
  } catch {
    return undefined
  }
}
