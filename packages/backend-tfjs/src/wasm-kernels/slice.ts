import * as tf from '@tensorflow/tfjs'
import type { WasmHeap } from './heap.ts'

/** A slice, copied run by run. The stock kernel first copies the whole input, however small the slice. */
export function slice(
  x: tf.TensorInfo,
  begin: readonly number[],
  size: readonly number[],
  heap: WasmHeap,
): tf.TensorInfo {
  const [start, shape] = tf.slice_util.parseSliceParams(x as tf.Tensor, [...begin], [...size]) as [number[], number[]]
  tf.slice_util.assertParamsValid(x as tf.Tensor, start, shape)
  const output = heap.makeOutput(shape, x.dtype)
  const [from, to] = [heap.typedArrayFromHeap(x), heap.typedArrayFromHeap(output)]
  const strides = x.shape.map((_, axis) => x.shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  let last = x.shape.length - 1 // the axis from which on values are contiguous
  while (last > 0 && shape[last] === x.shape[last]) last--
  const run = last < 0 ? 1 : (shape[last] as number) * (strides[last] as number)
  let next = 0
  const copy = (axis: number, offset: number): void => {
    const first = offset + (start[axis] ?? 0) * (strides[axis] ?? 0)
    if (axis >= last) {
      to.set(from.subarray(first, first + run), next)
      next += run
      return
    }
    for (let i = 0; i < (shape[axis] as number); i++) copy(axis + 1, first + i * (strides[axis] as number))
  }
  copy(0, 0)
  return output
}
