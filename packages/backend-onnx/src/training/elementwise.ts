import { broadcastShape, sumTo, type GraphValue } from './graph-writer.ts'
import type { Tape } from './tape.ts'

/**
 * a + b, the smaller one repeated as in NumPy.
 * @example
 * ```ts
 * import { add, createTape } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const sum = add(tape, tape.parameter('a', [2, 3]), tape.parameter('b', [3]))
 * console.log(sum.shape) // [ 2, 3 ]
 * ```
 */
export function add(tape: Tape, a: GraphValue, b: GraphValue): GraphValue {
  const output = tape.graph.add('Add', [a, b], broadcastShape(a, b))
  return tape.record([a, b], output, (graph, dy, wanted) =>
    [a, b].map(({ shape }, index) => (wanted[index] ? sumTo(graph, dy, shape) : undefined)),
  )
}

/**
 * a - b.
 * @example
 * ```ts
 * import { createTape, subtract } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const difference = subtract(tape, tape.parameter('a', [2, 1]), tape.parameter('b', [3]))
 * console.log(difference.shape) // [ 2, 3 ]
 * ```
 */
export function subtract(tape: Tape, a: GraphValue, b: GraphValue): GraphValue {
  const output = tape.graph.add('Sub', [a, b], broadcastShape(a, b))
  return tape.record([a, b], output, (graph, dy, [first, second]) => [
    first ? sumTo(graph, dy, a.shape) : undefined,
    second ? sumTo(graph, graph.add('Neg', [dy], dy.shape), b.shape) : undefined,
  ])
}

/**
 * a b, element by element.
 * @example
 * ```ts
 * import { createTape, multiply } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const product = multiply(tape, tape.parameter('a', [2, 3]), tape.parameter('b', [3]))
 * console.log(tape.differentiate({ product }).gradients.get('b')?.shape) // [ 3 ]
 * ```
 */
export function multiply(tape: Tape, a: GraphValue, b: GraphValue): GraphValue {
  const output = tape.graph.add('Mul', [a, b], broadcastShape(a, b))
  return tape.record([a, b], output, (graph, dy, [first, second]) => [
    first ? sumTo(graph, graph.add('Mul', [dy, b], dy.shape), a.shape) : undefined,
    second ? sumTo(graph, graph.add('Mul', [dy, a], dy.shape), b.shape) : undefined,
  ])
}

/**
 * max(x, 0); its gradient at 0 is 0.
 * @example
 * ```ts
 * import { createTape, relu } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const { kept } = tape.differentiate({ y: relu(tape, tape.parameter('x', [4])) })
 * console.log(kept.length) // 1
 * ```
 */
export function relu(tape: Tape, x: GraphValue): GraphValue {
  const y = tape.graph.add('Relu', [x], x.shape)
  return tape.record([x], y, (graph, dy) => {
    const zero = graph.constant([], Float32Array.of(0))
    return [graph.add('Where', [graph.add('Greater', [y, zero], y.shape), dy, zero], y.shape)]
  })
}
