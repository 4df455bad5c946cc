import { reshape, type GraphValue, type GraphWriter } from './graph-writer.ts'

/** How a square filter moves. */
export interface ConvolutionGeometry {
  readonly stride: number
  /** Zeros on each side. */
  readonly padding: number
}

/** How many times a filter stands along a side. */
export function outputSize(size: number, kernel: number, { stride, padding }: ConvolutionGeometry): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1
}

/** The geometry as ONNX's attributes of convolutions and pooling have it. */
export function slidingAttributes(
  kernel: number,
  { stride, padding }: ConvolutionGeometry,
): Readonly<Record<string, readonly number[]>> {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  }
}

/** The windows that a filter meets. */
export interface Windows {
  /** [k k C, h w N]: by row and column of the filter, and channel; a column per position. */
  readonly columns: GraphValue
  /** h, w and N. */
  readonly grid: readonly [number, number, number]
}

/**
 * Copies what each place of a filter meets (im2col).
 * @param x [C,H,W,N]
 * @param order `reversed`: places from the last to the first, as a filter turned by 180 degrees meets them
 */
export function windows(
  graph: GraphWriter,
  x: GraphValue,
  kernel: number,
  geometry: ConvolutionGeometry,
  order: 'forward' | 'reversed' = 'forward',
): Windows {
  const [channels, height, width, count] = x.shape as [number, number, number, number]
  const { stride, padding } = geometry
  const grid = [outputSize(height, kernel, geometry), outputSize(width, kernel, geometry), count] as const
  const [rows, columns] = grid
  const padded = padding === 0 ? x : pad(graph, x, padding)
  const place = (row: number, column: number): GraphValue => {
    const ends = [row + (rows - 1) * stride + 1, column + (columns - 1) * stride + 1]
    const range = [[row, column], ends, [1, 2], [stride, stride]].map(graph.integers)
    return graph.add('Slice', [padded, ...range], [channels, ...grid])
  }
  const places: GraphValue[] = []
  for (let row = 0; row < kernel; row++) {
    for (let column = 0; column < kernel; column++) {
      places.push(kernel === 1 && stride === 1 ? padded : place(row, column))
    }
  }
  if (order === 'reversed') places.reverse()
  const [first] = places as [GraphValue]
  const all =
    places.length === 1 ? first : graph.add('Concat', places, [places.length * channels, ...grid], { axis: 0 })
  return { columns: reshape(graph, all, [places.length * channels, rows * columns * count]), grid }
}

function pad(graph: GraphWriter, x: GraphValue, padding: number): GraphValue {
  const border = [0, padding, padding, 0]
  const shape = x.shape.map((size, axis) => size + 2 * (border[axis] as number))
  return graph.add('Pad', [x, graph.integers([...border, ...border])], shape)
}
