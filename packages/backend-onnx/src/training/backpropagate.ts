import type { GraphValue, GraphWriter } from './graph-writer.ts'
import type { Operation } from './tape.ts'

/**
 * Writes the gradients of everything that learns, from the last operation to the first; where a value is used more than once its gradients are summed.
 * @param ends values, each with the gradient that it starts from
 * @returns gradients by the names of the values
 */
export function backpropagate(
  graph: GraphWriter,
  operations: readonly Operation[],
  ends: Iterable<readonly [GraphValue, GraphValue]>,
  learning: ReadonlySet<string>,
): ReadonlyMap<string, GraphValue> {
  const sums = new Map<string, GraphValue>()
  const give = ({ name }: GraphValue, gradient: GraphValue): void => {
    const before = sums.get(name)
    sums.set(name, before ? graph.add('Add', [before, gradient], gradient.shape) : gradient)
  }
  for (const [value, gradient] of ends) give(value, gradient)
  for (const { inputs, output, gradient } of operations.toReversed()) {
    const dy = sums.get(output.name)
    if (!dy) continue
    const wanted = inputs.map(({ name }) => learning.has(name))
    gradient(graph, dy, wanted).forEach((value, index) => {
      if (value && wanted[index]) give(inputs[index] as GraphValue, value)
    })
  }
  return sums
}
