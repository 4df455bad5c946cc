import * as tf from '@tensorflow/tfjs'
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts'
import { conv2dBackpropInput } from './conv2d-backprop-input.ts'
import { gatherRows } from './gather-rows.ts'
import type { WasmHeap } from './heap.ts'
import { maxPoolGrad } from './max-pool-grad.ts'
import { slice } from './slice.ts'
import { winogradOf, type ConvolutionHelpers } from './winograd.ts'
import { unsortedSegmentSum } from './unsorted-segment-sum.ts'

/** A kernel; `stock` is the one it replaces, if the engine has one. */
type Kernel = (
  inputs: Record<string, tf.Tensor>,
  attributes: never,
  heap: WasmHeap,
  stock: (inputs?: Record<string, tf.Tensor>, attributes?: object) => KernelOutput,
) => KernelOutput
type KernelOutput = tf.TensorInfo | tf.TensorInfo[]

const KERNELS: Readonly<Record<string, Kernel>> = {
  // Missing or wrong.
  Conv2DBackpropFilter: ({ x, dy }, attributes, heap) =>
    conv2dBackpropFilter(x as tf.Tensor4D, dy as tf.Tensor4D, attributes, heap),
  MaxPoolGrad: ({ dy, input, output }, attributes) =>
    maxPoolGrad(dy as tf.Tensor4D, input as tf.Tensor4D, output as tf.Tensor4D, attributes),
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }: { numSegments: number }, heap) =>
    unsortedSegmentSum(x as tf.Tensor, segmentIds as tf.Tensor, numSegments, heap),
  // Slow.
  Conv2DBackpropInput: ({ dy, filter }, attributes, heap) =>
    conv2dBackpropInput(dy as tf.Tensor4D, filter as tf.Tensor4D, attributes, heap),
  BatchMatMul: ({ a, b }, attributes: { transposeA: boolean; transposeB: boolean }, _, stock) => {
    // Fast only without transposition.
    const plain = (x: tf.Tensor, flipped: boolean): tf.Tensor => {
      const { rank } = x
      return flipped ? tf.transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]) : x
    }
    const inputs = {
      a: plain(a as tf.Tensor, attributes.transposeA),
      b: plain(b as tf.Tensor, attributes.transposeB),
    }
    return stock(inputs, { transposeA: false, transposeB: false })
  },
  GatherV2: ({ x, indices }, { axis, batchDims }: { axis: number; batchDims: number }, heap, stock) =>
    axis === 0 && batchDims === 0 && isNumeric(x) ? gatherRows(x, indices as tf.Tensor, heap) : stock(),
  Identity({ x }, _, heap, stock) {
    if (!isNumeric(x)) return stock()
    heap.incRef(x.dataId) // the stock kernel copies, and every value that a gradient needs is cloned
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
  },
  Slice: ({ x }, { begin, size }: { begin: number[]; size: number[] }, heap, stock) =>
    isNumeric(x) ? slice(x, begin, size, heap) : stock(),
  SplitV({ x }, { numOrSizeSplits, axis }: { numOrSizeSplits: number | number[]; axis: number }, heap, stock) {
    if (!isNumeric(x)) return stock()
    const [along] = tf.util.parseAxisParam(axis, x.shape) as [number]
    let first = 0
    return tf.backend_util.prepareSplitSize(x, numOrSizeSplits, along).map((length) => {
      const begin = x.shape.map((_, index) => (index === along ? first : 0))
      first += length
      const size = x.shape.map((whole, index) => (index === along ? length : whole))
      return slice(x, begin, size, heap)
    })
  },
}

/**
 * Adds kernels that are missing or wrong on the wasm engine (filter gradients of convolutions, gradients of max-pooling, segment sums),
 * and replaces kernels that copy whole tensors with faster ones. `selectEngine` and `selectBrowserEngine` call it; a second call does
 * no harm.
 * @param backend name under which the engine is registered
 * @param helpers threads for convolutions, where the engine has threads; without them it convolves by itself
 * @example
 * ```ts
 * import { installWasmKernels } from '@tab/backend-tfjs'
 * import * as tf from '@tensorflow/tfjs'
 * import '@tensorflow/tfjs-backend-wasm'
 *
 * await tf.setBackend('wasm') // an engine started without selectEngine
 * installWasmKernels()
 * const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1])
 * const gradient = tf.grad((filter) => tf.conv2d(image, filter as tf.Tensor4D, 1, 'valid'))
 * console.log([...(await gradient(tf.ones([2, 2, 1, 1])).data())]) // [ 12, 16, 24, 28 ]
 * ```
 */
export function installWasmKernels(backend = 'wasm', helpers?: ConvolutionHelpers): void {
  for (const [kernelName, compute] of Object.entries(KERNELS)) {
    const before = tf.getKernel(kernelName, backend)
    if (before) tf.unregisterKernel(kernelName, backend)
    tf.registerKernel({
      ...before,
      kernelName,
      backendName: backend,
      kernelFunc: ({ inputs, attrs, backend: heap }) => {
        const given = inputs as Record<string, tf.Tensor>
        const attributes = (attrs ?? {}) as never
        winogradOf(heap as unknown as WasmHeap, helpers)
        return tf.tidy(
          () =>
            compute(given, attributes, heap as unknown as WasmHeap, (others = given, changed = attributes) => {
              if (!before) throw new Error(`${kernelName} is not among the kernels of ${backend}`)
              return before.kernelFunc({ inputs: others as never, attrs: changed as never, backend: heap })
            }) as tf.Tensor,
        )
      },
    })
  }
}

/** Whether the values of a tensor are in the engine's memory; strings are not. */
function isNumeric(x: tf.Tensor | undefined): x is tf.Tensor {
  return x !== undefined && x.dtype !== 'string'
}
