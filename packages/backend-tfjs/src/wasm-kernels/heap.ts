import type * as tf from '@tensorflow/tfjs'

/** The part of tfjs's wasm backend by which a kernel written here reaches the engine's memory without copying it. */
export interface WasmHeap {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo
  /** A view, valid until the next output is made: memory that grows leaves its old views empty. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array
  /** One more tensor shares these values. */
  incRef(dataId: tf.DataId): void
}
