import type * as tf from '@tensorflow/tfjs'
import { TabError } from '@tab/core'
import {
  runWinograd,
  WINOGRAD_WORDS,
  winogradIn,
  winogradParts,
  winogradPlanes,
  winogradRoom,
  type Winograd,
  type WinogradJob,
} from '@tab/kernels'
import type { ConvolutionGeometry } from './convolution-geometry.ts'
import { addressOf, type WasmHeap } from './heap.ts'

/** Threads that help with convolutions, besides those of the engine, which run its own kernels alone. */
export interface ConvolutionHelpers {
  readonly count: number
  /**
   * Starts a thread that waits for the word at `job` to change, and then calls `work(job, thread)` of an instance of the module.
   * @param onEnd told why, should it end
   */
  start(helper: HelperData, onEnd: (reason: string) => void): void
}

export interface HelperData {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly job: number
  /** From 1. */
  readonly thread: number
}

/**
 * Convolutions of 3x3 taps by Winograd's algorithm, for the shapes where it saves time. Only gradients take them: features that are equal by a plain
 * convolution would differ in their last bits here, and what is the nearest or the largest of them with it.
 */
export interface WinogradConvolutions {
  /** Whether a convolution is one of these. */
  suits(geometry: ConvolutionGeometry): boolean
  /** x [N,H,W,I] by filter [3,3,I,O]: [N,h,w,O]. */
  convolve(geometry: ConvolutionGeometry, x: tf.TensorInfo, filter: tf.TensorInfo): tf.TensorInfo
  /** The gradient by the filter [3,3,I,O]. */
  filterGradient(geometry: ConvolutionGeometry, x: tf.TensorInfo, dy: tf.TensorInfo): tf.TensorInfo
}

const known = new WeakMap<WasmHeap, WinogradConvolutions | false>()

/**
 * The convolutions of an engine.
 * @param helpers those of the first call; they start with the first convolution, so that a process which only infers has none
 * @returns undefined where its memory cannot be reached, without SIMD, and where the engine has threads but there are no helpers
 */
export function winogradOf(heap: WasmHeap, helpers?: ConvolutionHelpers): WinogradConvolutions | undefined {
  let found = known.get(heap)
  if (found === undefined) {
    const memory = heap.wasm.wasmMemory ?? heap.wasm.asm?.memory
    const isAlone = memory?.buffer instanceof ArrayBuffer
    const winograd = memory && (isAlone || helpers) ? winogradIn(memory) : undefined
    found = memory && winograd ? convolutionsOf(heap, memory, winograd, isAlone ? undefined : helpers) : false
    known.set(heap, found)
  }
  return found || undefined
}

function convolutionsOf(
  heap: WasmHeap,
  memory: WebAssembly.Memory,
  winograd: Winograd,
  helpers: ConvolutionHelpers | undefined,
): WinogradConvolutions {
  const words = heap.makeOutput([WINOGRAD_WORDS], 'int32') // as long as the engine
  const viewOfWords = (): Int32Array => heap.typedArrayFromHeap(words) as Int32Array
  const threads = 1 + (helpers?.count ?? 0)
  viewOfWords().fill(0)
  const job = addressOf(heap, words)
  let isStarted = false
  let ended: string | undefined // why the first helper did

  function run(task: WinogradJob): void {
    if (!isStarted) {
      const { module } = winograd
      for (let thread = 1; thread < threads; thread++)
        helpers?.start({ module, memory, job, thread }, (reason) => (ended ??= reason))
      isStarted = true
    }
    if (ended !== undefined) {
      const message = `a thread that helps with convolutions has ended: ${ended}`
      throw new TabError('UNSUPPORTED', { where: 'winograd', message })
    }
    runWinograd(winograd, viewOfWords(), job, task)
  }

  /** Gives a task an array that is freed afterwards. */
  function withRoom<T>(floats: number, task: (address: number) => T): T {
    const room = heap.makeOutput([floats], 'float32')
    try {
      return task(addressOf(heap, room))
    } finally {
      heap.disposeData(room.dataId)
    }
  }

  return {
    suits: ({ filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, ...rest }) => {
      const { inChannels, outChannels, batchSize, outHeight, outWidth, dataFormat } = rest
      const tiles = Math.ceil(outHeight / 4) * Math.ceil(outWidth / 4)
      return (
        dataFormat === 'channelsLast' &&
        filterHeight === 3 &&
        filterWidth === 3 &&
        [strideHeight, strideWidth, dilationHeight, dilationWidth].every((one) => one === 1) &&
        [inChannels, outChannels].every((channels) => channels % 8 === 0 && channels >= 32) &&
        batchSize * tiles >= 6 && // rows of a product
        outHeight * outWidth >= 8 * tiles // at least half of the tiles' outputs are there
      )
    },

    convolve(geometry, x, filter) {
      const { outHeight, outWidth, outChannels, inChannels, batchSize } = geometry
      const size = inChannels * outChannels
      const output = heap.makeOutput([batchSize, outHeight, outWidth, outChannels], 'float32')
      const shape = jobOf('convolution', geometry)
      const floats = winogradRoom(shape) / 4
      withRoom(winogradPlanes(size) / 4, (filters) =>
        withRoom(threads * floats, (room) => {
          winograd.spreadFilters(addressOf(heap, filter), size, filters, room)
          const [inputs, outputs] = [addressOf(heap, x), addressOf(heap, output)]
          run({ ...shape, inputs, outputs, filters, room })
        }),
      )
      return output
    },

    filterGradient(geometry, x, dy) {
      const { inChannels, outChannels } = geometry
      const output = heap.makeOutput([3, 3, inChannels, outChannels], 'float32')
      const size = 9 * inChannels * outChannels
      const shape = jobOf('filter gradient', geometry)
      const parts = winogradParts(shape)
      withRoom(parts * size, (filters) => {
        withRoom((threads * winogradRoom(shape)) / 4, (room) => {
          const [inputs, outputs] = [addressOf(heap, x), addressOf(heap, dy)]
          run({ ...shape, inputs, outputs, filters, room })
        })
        winograd.sumParts(filters, parts, size, addressOf(heap, output))
      })
      return output
    },
  }
}

const ROWS = 24 // of a product, at least: filters then pass through the caches seldom enough
const GRADIENT_PARTS = 4 // each writes a whole gradient
const MOST_BYTES = 2 ** 25 // of the planes of such a part

/** Parts do not depend on the number of threads, nor do sums over them. */
function jobOf(
  kind: WinogradJob['kind'],
  { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo }: ConvolutionGeometry,
): Pick<WinogradJob, 'kind' | 'count' | 'length' | 'input' | 'output' | 'padding'> {
  const tiles = Math.ceil(outHeight / 4) * Math.ceil(outWidth / 4)
  const most = Math.ceil(batchSize / (kind === 'convolution' ? 2 : GRADIENT_PARTS))
  const fitting = Math.max(1, Math.floor(MOST_BYTES / winogradPlanes(tiles * (inChannels + outChannels))))
  const least = tiles >= 96 ? 1 : 3 * Math.ceil(ROWS / (3 * tiles)) // products take six rows at a time
  return {
    kind,
    count: batchSize,
    length: Math.min(most, kind === 'convolution' ? least : fitting),
    input: [inHeight, inWidth, inChannels],
    output: [outHeight, outWidth, outChannels],
    padding: [padInfo.top, padInfo.left],
  }
}
