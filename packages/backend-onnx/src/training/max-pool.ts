import { sizeOf } from '@tab/core'
import { reshape, type GraphValue } from './graph-writer.ts'
import type { Tape } from './tape.ts'
import { outputSize, slidingAttributes, type ConvolutionGeometry } from './windows.ts'

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
  { kernel, ...geometry }: ConvolutionGeometry & { readonly kernel: number },
): GraphValue {
  const [count, channels, ...grid] = x.shape as [number, number, number, number]
  const shape = [count, channels, ...grid.map((size) => outputSize(size, kernel, geometry))]
  const attributes = slidingAttributes(kernel, geometry)
  if (!tape.learns(x)) return tape.graph.add('MaxPool', [x], shape, attributes)
  const [y, places] = tape.graph.addWithIndices('MaxPool', [x], shape, attributes)
  return tape.record([x], y, (graph, dy) => {
    const size = sizeOf(x.shape)
    const flat = [sizeOf(shape)]
    const zeros = graph.add('ConstantOfShape', [graph.integers([size])], [size])
    const indices = { ...reshape(graph, places, flat), type: 'int64' as const }
    const sum = graph.add('ScatterElements', [zeros, indices, reshape(graph, dy, flat)], [size], {
      axis: 0,
      reduction: 'add',
    })
    return [reshape(graph, sum, x.shape)]
  })
}
