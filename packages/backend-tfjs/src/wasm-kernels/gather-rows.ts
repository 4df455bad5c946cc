import * as tf from '@tensorflow/tfjs'
import type { WasmHeap } from './heap.ts'

/** A gather along the first axis, row by row; the stock kernel computes the position of every single value. */
export function gatherRows(x: tf.TensorInfo, indices: tf.TensorInfo, heap: WasmHeap): tf.TensorInfo {
  const [rows, ...rest] = x.shape as [number, ...number[]]
  const length = rest.reduce((product, side) => product * side, 1)
  const output = heap.makeOutput([...indices.shape, ...rest], x.dtype)
  const [from, to] = [heap.typedArrayFromHeap(x), heap.typedArrayFromHeap(output)]
  heap.typedArrayFromHeap(indices).forEach((row, place) => {
    tf.util.assert(row >= 0 && row < rows, () => `GatherV2: the index value ${row} is not in [0, ${rows - 1}]`)
    to.set(from.subarray(row * length, (row + 1) * length), place * length)
  })
  return output
}
