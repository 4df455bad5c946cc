import type * as tf from '@tensorflow/tfjs'

/** The part of tfjs's wasm backend that gives kernels in JavaScript access to the engine's memory without a copy. */
export interface WasmHeap {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo
  /** A view, valid until the next output is made: when the memory grows, old views become empty. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array
  /** Notes that one more tensor shares these values. */
  incRef(dataId: tf.DataId): void
}
