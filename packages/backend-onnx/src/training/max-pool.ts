import { reshape, type GraphValue } from './graph-writer.ts'
import type { Tape } from './tape.ts'

/**
 * Largest value of each window; the gradient goes to where it was found.
 * @param x [N,C,H,W]
 * @example
 * ```ts
 * import { createTape, maxPool } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const y = maxPool(tape, tape.parameter('x', [8, 64, 32, 32]), { kernel: 3, stride: 2, padding: 1 })
 * console.log(y.shape) // [ 8, 64, 16, 16 ]
 * ```
 */
export function maxPool(
  tape: Tape,
  x: GraphValue,
  { kernel, stride, padding }: { readonly kernel: number; readonly stride: number; readonly padding: number },
): GraphValue {
  const [count, channels, ...grid] = x.shape as [number, number, number, number]
  const shape = [count, channels, ...grid.map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1)]
  const pads = [padding, padding, padding, padding]
  const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads }
  if (!tape.learns(x)) return tape.graph.add('MaxPool', [x], shape, attributes)
  const [y, places] = tape.graph.addWithIndices('MaxPool', [x], shape, attributes)
  return tape.record([x], y, (graph, dy) => {
    const size = x.shape.reduce((product, side) => product * side, 1)
    const flat = [shape.reduce((product, side) => product * side, 1)]
    const zeros = graph.add('ConstantOfShape', [graph.integers([size])], [size])
    const indices = { ...reshape(graph, places, flat), type: 'int64' as const }
    const sum = graph.add('ScatterElements', [zeros, indices, reshape(graph, dy, flat)], [size], {
      axis: 0,
      reduction: 'add',
    })
    return [reshape(graph, sum, x.shape)]
  })
}
