import { TabError } from '@tab/core'
import type { OnnxGraph } from '../graph/graph.ts'
import { backpropagate } from './backpropagate.ts'
import { graphWriter, type GraphValue, type GraphWriter } from './graph-writer.ts'

/** Writes the gradients of an operation's inputs into a graph; `undefined` where none is wanted. */
export type GradientRule = (
  graph: GraphWriter,
  dy: GraphValue,
  wanted: readonly boolean[],
) => readonly (GraphValue | undefined)[]

/** An operation that gradients go through. */
export interface Operation {
  readonly inputs: readonly GraphValue[]
  readonly output: GraphValue
  readonly gradient: GradientRule
}

/** A computation and its gradients as two graphs, the second to run after the first. Values are named as they are in the graphs. */
export interface Differentiated {
  readonly forward: OnnxGraph
  readonly backward: OnnxGraph
  /** What the forward graph gives, by the names that it was asked for. */
  readonly outputs: ReadonlyMap<string, GraphValue>
  /** Inputs of the backward graph: the gradient of each output that learns, by the same names. */
  readonly seeds: ReadonlyMap<string, GraphValue>
  /** Outputs of the backward graph: the gradient of each parameter, by its name. */
  readonly gradients: ReadonlyMap<string, GraphValue>
  /** Outputs of the forward graph that the backward one takes. */
  readonly kept: readonly GraphValue[]
  /** Inputs of the forward graph that the backward one takes too. */
  readonly again: readonly GraphValue[]
}

/** Records operations on values of fixed shapes, so that their gradients can be written as a graph (reverse-mode differentiation). */
export interface Tape {
  /** The graph that is written; gradients go through recorded operations alone. */
  readonly graph: GraphWriter
  /** An input that takes no gradient. */
  input(name: string, shape: readonly number[]): GraphValue
  /** An input that takes one. */
  parameter(name: string, shape: readonly number[]): GraphValue
  /** Whether a value takes a gradient. */
  learns(value: GraphValue): boolean
  /** Records that `output` was made of `inputs`, and returns it. */
  record(inputs: readonly GraphValue[], output: GraphValue, gradient: GradientRule): GraphValue
  /**
   * The graphs of some values and of the gradients of all parameters.
   * @throws INVALID_ARGUMENT for a parameter that none of the values depends on
   */
  differentiate(outputs: Readonly<Record<string, GraphValue>>): Differentiated
}

/**
 * An empty tape.
 * @example
 * ```ts
 * import { createTape, multiply } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const [x, weight] = [tape.input('x', [2, 3]), tape.parameter('weight', [3])]
 * const { gradients, again } = tape.differentiate({ y: multiply(tape, x, weight) })
 * console.log(gradients.get('weight')?.shape, again.map(({ name }) => name)) // [ 3 ] [ 'x' ]
 * ```
 */
export function createTape(): Tape {
  const graph = graphWriter('f')
  const inputs: GraphValue[] = []
  const parameters: GraphValue[] = []
  const operations: Operation[] = []
  const learning = new Set<string>()
  const declared = (name: string, shape: readonly number[]): GraphValue => {
    const value: GraphValue = { name, type: 'float32', shape }
    inputs.push(value)
    return value
  }
  return {
    graph,
    input: declared,
    parameter(name, shape) {
      const value = declared(name, shape)
      parameters.push(value)
      learning.add(name)
      return value
    },
    learns: ({ name }) => learning.has(name),
    record(from, output, gradient) {
      if (!from.some(({ name }) => learning.has(name))) return output
      learning.add(output.name)
      operations.push({ inputs: from, output, gradient })
      return output
    },
    differentiate(wanted) {
      const outputs = new Map(Object.entries(wanted))
      const seeds = new Map(
        [...outputs]
          .filter(([, { name }]) => learning.has(name))
          .map(([name, output]): [string, GraphValue] => [name, { ...output, name: `d/${name}` }]),
      )
      const writer = graphWriter('b')
      const ends = [...seeds].map(([name, seed]) => [outputs.get(name) as GraphValue, seed] as const)
      const sums = backpropagate(writer, operations, ends, learning)
      const gradients = new Map(parameters.map(({ name }) => [name, gradientOf(name, sums)]))
      const { kept, again, constants } = borrowed(writer, graph, inputs)
      const backward = {
        name: 'backward',
        inputs: [...seeds.values(), ...again, ...kept],
        outputs: distinct([...gradients.values()]),
        initializers: [...constants, ...writer.initializers],
        nodes: writer.nodes,
      }
      const { nodes, initializers } = graph
      const results = distinct([...outputs.values(), ...kept])
      const forward = { name: 'forward', inputs, outputs: results, initializers, nodes }
      return { forward, backward, outputs, seeds, gradients, kept, again }
    },
  }
}

function gradientOf(parameter: string, sums: ReadonlyMap<string, GraphValue>): GraphValue {
  const sum = sums.get(parameter)
  if (sum) return sum
  const expected = 'parameters that an output depends on'
  throw new TabError('INVALID_ARGUMENT', {
    where: 'differentiate',
    expected,
    actual: `"${parameter}", which none does`,
  })
}

/** What a graph takes from another: values to keep, inputs to take again, and constants to copy. */
function borrowed(
  { nodes, borrowedValues }: GraphWriter,
  from: GraphWriter,
  inputs: readonly GraphValue[],
): Pick<Differentiated, 'kept' | 'again'> & { readonly constants: OnnxGraph['initializers'] } {
  const made = new Set(from.nodes.flatMap(({ outputs }) => outputs))
  const used = new Set(nodes.flatMap((node) => node.inputs))
  return {
    kept: borrowedValues.filter(({ name }) => made.has(name)),
    again: inputs.filter(({ name }) => used.has(name)),
    constants: from.initializers.filter(({ name }) => used.has(name)),
  }
}

const distinct = (values: readonly GraphValue[]): GraphValue[] => [
  ...new Map(values.map((value) => [value.name, value])).values(),
]
