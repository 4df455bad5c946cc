import { reshape as reshaped, transpose as transposed, type GraphValue } from './graph-writer.ts'
import type { Tape } from './tape.ts'

/**
 * The same numbers in another shape.
 * @example
 * ```ts
 * import { createTape, reshape } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * console.log(reshape(tape, tape.parameter('x', [2, 3]), [6]).shape) // [ 6 ]
 * ```
 */
export function reshape(tape: Tape, x: GraphValue, shape: readonly number[]): GraphValue {
  return tape.record([x], reshaped(tape.graph, x, shape), (graph, dy) => [reshaped(graph, dy, x.shape)])
}

/**
 * Axes in another order, as ONNX names them: axis i of the result is axis `order[i]` of x.
 * @example
 * ```ts
 * import { createTape, transpose } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * console.log(transpose(tape, tape.parameter('x', [2, 3, 4]), [2, 0, 1]).shape) // [ 4, 2, 3 ]
 * ```
 */
export function transpose(tape: Tape, x: GraphValue, order: readonly number[]): GraphValue {
  const back = order.map((_, axis) => order.indexOf(axis))
  return tape.record([x], transposed(tape.graph, x, order), (graph, dy) => [transposed(graph, dy, back)])
}
