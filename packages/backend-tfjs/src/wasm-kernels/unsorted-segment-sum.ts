import type * as tf from '@tensorflow/tfjs'
import type { WasmHeap } from './heap.ts'

/**
 * Sums the rows of each segment, which is the gradient of a gather. Rows of a negative segment are left out, as elsewhere in tfjs.
 * @param x float32 [...segment shape, ...rest]
 * @param segmentIds int32
 * @returns [segments, ...rest]
 */
export function unsortedSegmentSum(
  x: tf.TensorInfo,
  segmentIds: tf.TensorInfo,
  segments: number,
  heap: WasmHeap,
): tf.TensorInfo {
  const rest = x.shape.slice(segmentIds.shape.length)
  const length = rest.reduce((product, side) => product * side, 1)
  const output = heap.makeOutput([segments, ...rest], x.dtype)
  const [from, to] = [heap.typedArrayFromHeap(x), heap.typedArrayFromHeap(output)]
  to.fill(0)
  heap.typedArrayFromHeap(segmentIds).forEach((segment, row) => {
    if (segment < 0) return
    for (let i = 0; i < length; i++) {
      const at = segment * length + i
      to[at] = (to[at] as number) + (from[row * length + i] as number)
    }
  })
  return output
}
