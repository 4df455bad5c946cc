import type * as tf from '@tensorflow/tfjs'

/** The part of tfjs's wasm backend that gives kernels in JavaScript access to the engine's memory without a copy. */
export interface WasmHeap {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo
  /** A view, valid until the next output is made: when the memory grows, old views become empty. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array
  /** Notes that one more tensor shares these values. */
  incRef(dataId: tf.DataId): void
  /** Frees an output that no tensor of the engine holds. */
  disposeData(dataId: tf.DataId): boolean
  /** The engine's module: with threads its memory is an entry of its own, without them an export. */
  readonly wasm: { readonly wasmMemory?: WebAssembly.Memory; readonly asm?: { readonly memory?: WebAssembly.Memory } }
}

/** Where the values of a tensor begin; they stay there when the memory grows. */
export function addressOf(heap: WasmHeap, tensor: tf.TensorInfo): number {
  return heap.typedArrayFromHeap(tensor).byteOffset
}
