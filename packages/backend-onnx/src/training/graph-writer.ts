import type { OnnxAttribute, OnnxInitializer, OnnxNode } from '../graph/graph.ts'

/** A value of a graph whose shapes are known before it runs. */
export interface GraphValue {
  readonly name: string
  readonly type: 'float32' | 'int64'
  readonly shape: readonly number[]
}

/** Writes nodes and constants with names of their own. */
export interface GraphWriter {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxInitializer[]
  /** Values that nodes take and this graph does not make, each once. */
  readonly borrowedValues: readonly GraphValue[]
  /** Adds a node with one float32 output of this shape. */
  add(
    operator: string,
    inputs: readonly GraphValue[],
    shape: readonly number[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): GraphValue
  /** A node whose second output holds indices, as MaxPool's. */
  addWithIndices(
    operator: string,
    inputs: readonly GraphValue[],
    shape: readonly number[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): readonly [values: GraphValue, indices: GraphValue]
  constant(shape: readonly number[], data: Float32Array): GraphValue
  /** Whole numbers: shapes, axes, positions. */
  integers(values: readonly number[]): GraphValue
}

/** @param prefix of every name it makes, so that graphs written apart can exchange values */
export function graphWriter(prefix: string): GraphWriter {
  const nodes: OnnxNode[] = []
  const initializers: OnnxInitializer[] = []
  const own = new Set<string>()
  const taken = new Map<string, GraphValue>()
  let count = 0
  const named = (shape: readonly number[], type: GraphValue['type'] = 'float32'): GraphValue => {
    const name = `${prefix}${count++}`
    own.add(name)
    return { name, type, shape }
  }
  const node = (
    operator: string,
    inputs: readonly GraphValue[],
    outputs: readonly GraphValue[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): void => {
    const names = (values: readonly GraphValue[]): string[] => values.map(({ name }) => name)
    for (const input of inputs) taken.set(input.name, input)
    nodes.push({ operator, inputs: names(inputs), outputs: names(outputs), attributes })
  }
  const whole = new Map<string, GraphValue>()
  return {
    nodes,
    initializers,
    get borrowedValues() {
      return [...taken.values()].filter(({ name }) => !own.has(name))
    },
    add(operator, inputs, shape, attributes) {
      const output = named(shape)
      node(operator, inputs, [output], attributes)
      return output
    },
    addWithIndices(operator, inputs, shape, attributes) {
      const outputs = [named(shape), named(shape, 'int64')] as const
      node(operator, inputs, outputs, attributes)
      return outputs
    },
    constant(shape, data) {
      const value = named(shape)
      initializers.push({ name: value.name, shape, data })
      return value
    },
    integers(values) {
      const known = whole.get(values.join())
      if (known) return known
      const value = named([values.length], 'int64')
      initializers.push({ name: value.name, shape: value.shape, data: BigInt64Array.from(values, BigInt) })
      whole.set(values.join(), value)
      return value
    },
  }
}

/** The same numbers in another shape. */
export function reshape(graph: GraphWriter, x: GraphValue, shape: readonly number[]): GraphValue {
  return graph.add('Reshape', [x, graph.integers(shape)], shape)
}

export function transpose(graph: GraphWriter, x: GraphValue, perm: readonly number[]): GraphValue {
  const shape = perm.map((axis) => x.shape[axis] as number)
  return graph.add('Transpose', [x], shape, { perm })
}

/** Sums the axes along which a value of `shape` was repeated to the shape of `x`. */
export function sumTo(graph: GraphWriter, x: GraphValue, shape: readonly number[]): GraphValue {
  if (x.shape.join() === shape.join()) return x
  const lacking = x.shape.length - shape.length
  const axes = x.shape.flatMap((size, axis) => (axis < lacking || shape[axis - lacking] !== size ? [axis] : []))
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const sum = graph.add('ReduceSum', [x, graph.integers(axes)], kept, { keepdims: 1 })
  return reshape(graph, sum, shape)
}

/** The shape of an operation on both, repeated as in NumPy. */
export function broadcastShape(a: GraphValue, b: GraphValue): readonly number[] {
  const rank = Math.max(a.shape.length, b.shape.length)
  const at = ({ shape }: GraphValue, axis: number): number => shape[axis - rank + shape.length] ?? 1
  return Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis)))
}
