import { reshape, transpose, type GraphValue, type GraphWriter } from './graph-writer.ts'
import { outputSize, slidingAttributes, windows, type ConvolutionGeometry } from './windows.ts'
import type { Tape } from './tape.ts'

/**
 * Convolution whose filter learns, as one large product with the windows of x, on features with channels first and images last: what moves with the
 * filter is then copied in long lines.
 * @param x [C,H,W,N]
 * @param filter [k,k,C,O], as engines with channels last keep it
 * @param bias [O]
 * @returns [O,h,w,N]
 * @example
 * ```ts
 * import { convolution, createTape } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const [images, filter] = [tape.input('images', [3, 32, 32, 8]), tape.parameter('filter', [3, 3, 3, 16])]
 * const y = convolution(tape, images, filter, undefined, { stride: 2, padding: 1 })
 * console.log(y.shape) // [ 16, 16, 16, 8 ]
 * ```
 */
export function convolution(
  tape: Tape,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  geometry: ConvolutionGeometry,
): GraphValue {
  const [kernel, , inputs, outputs] = filter.shape as [number, number, number, number]
  const { graph } = tape
  const { columns, grid } = windows(graph, x, kernel, geometry)
  const weight = reshape(graph, filter, [kernel * kernel * inputs, outputs])
  const shift = bias ? [reshape(graph, bias, [outputs, 1])] : []
  const flat = graph.add('Gemm', [weight, columns, ...shift], [outputs, columns.shape[1] as number], { transA: 1 })
  const y = reshape(graph, flat, [outputs, ...grid])
  return tape.record(bias ? [x, filter, bias] : [x, filter], y, (back, dy, [ofInput, ofFilter, ofBias]) => [
    ofInput ? inputGradient(back, dy, filter, x.shape, geometry) : undefined,
    ofFilter ? filterGradient(back, dy, x, filter.shape, geometry) : undefined,
    ofBias ? sumOfChannels(back, dy) : undefined,
  ])
}

/**
 * Convolution with constants, by the operation itself, which is faster where the filter is known before; features are [N,C,H,W].
 * @param filter [O,C,k,k]
 * @param bias [O]
 * @example
 * ```ts
 * import { constantConvolution, createTape } from '@tab/backend-onnx/training'
 *
 * const { graph, ...tape } = createTape()
 * const filter = graph.constant([16, 3, 1, 1], new Float32Array(48))
 * const bias = graph.constant([16], new Float32Array(16))
 * const images = tape.input('images', [8, 3, 32, 32])
 * console.log(constantConvolution(graph, images, filter, bias, { stride: 1, padding: 0 }).shape) // [ 8, 16, 32, 32 ]
 * ```
 */
export function constantConvolution(
  graph: GraphWriter,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue,
  geometry: ConvolutionGeometry,
): GraphValue {
  const [count, , ...grid] = x.shape as [number, number, number, number]
  const [outputs, , kernel] = filter.shape as [number, number, number, number]
  const shape = [count, outputs, ...grid.map((size) => outputSize(size, kernel, geometry))]
  return graph.add('Conv', [x, filter, bias], shape, slidingAttributes(kernel, geometry))
}

/** [C,...] summed to [C]. */
export function sumOfChannels(graph: GraphWriter, x: GraphValue): GraphValue {
  const axes = x.shape.slice(1).map((_, axis) => axis + 1)
  return graph.add('ReduceSum', [x, graph.integers(axes)], [x.shape[0] as number], { keepdims: 0 })
}

/**
 * The windows of x again, times dy: one large product. As a convolution with dy as filter it took three to four times as long, as a product for each
 * place up to twice. The windows are not kept from the way there: they would be nine times as large as x.
 */
function filterGradient(
  graph: GraphWriter,
  dy: GraphValue,
  x: GraphValue,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
): GraphValue {
  const [kernel, , , outputs] = shape as [number, number, number, number]
  const { columns } = windows(graph, x, kernel, geometry)
  const [rows, positions] = columns.shape as [number, number]
  const flat = reshape(graph, dy, [outputs, positions])
  return reshape(graph, graph.add('Gemm', [columns, flat], [rows, outputs], { transB: 1 }), shape)
}

/** With stride 1 the windows of dy times the filter turned by 180 degrees; with other strides ConvTranspose, which wants images first. */
function inputGradient(
  graph: GraphWriter,
  dy: GraphValue,
  filter: GraphValue,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
): GraphValue {
  const [kernel, , inputs, outputs] = filter.shape as [number, number, number, number]
  const { stride, padding } = geometry
  if (stride > 1) return transposedConvolution(graph, dy, filter, shape, geometry)
  const { columns } = windows(graph, dy, kernel, { stride, padding: kernel - 1 - padding }, 'reversed')
  const places = kernel * kernel
  const swapped = transpose(graph, reshape(graph, filter, [places, inputs, outputs]), [0, 2, 1])
  const weight = reshape(graph, swapped, [places * outputs, inputs])
  const positions = columns.shape[1] as number
  return reshape(graph, graph.add('Gemm', [weight, columns], [inputs, positions], { transA: 1 }), shape)
}

function transposedConvolution(
  graph: GraphWriter,
  dy: GraphValue,
  filter: GraphValue,
  [inputs, height, width, count]: readonly number[],
  geometry: ConvolutionGeometry,
): GraphValue {
  const { stride, padding } = geometry
  const [kernel] = filter.shape as [number]
  const [, ...grid] = dy.shape as [number, number, number, number]
  const size = [height, width] as [number, number]
  const rest = size.map((side, axis) => side + 2 * padding - kernel - ((grid[axis] as number) - 1) * stride)
  const attributes = { ...slidingAttributes(kernel, geometry), output_padding: rest }
  const imagesFirst = transpose(graph, dy, [3, 0, 1, 2])
  const weight = transpose(graph, filter, [3, 2, 0, 1])
  const dx = graph.add('ConvTranspose', [imagesFirst, weight], [count, inputs, ...size] as number[], attributes)
  return transpose(graph, dx, [1, 2, 3, 0])
}
