import { tensor, type Tensor } from '@tab/core'
import type { OnnxValue } from '../graph/graph.ts'
import { encodeGraph } from '../graph/encode-graph.ts'
import type { OrtModule, OrtSessionOptions, OrtTensor } from '../ort.ts'
import { openSession } from '../serial-session.ts'
import type { Differentiated } from './tape.ts'

/** A computation that gives its outputs, and then the gradients of its parameters. */
export interface GradientSession {
  /** @param inputs of the tape, parameters among them, by name */
  run(inputs: ReadonlyMap<string, Float32Array>): Promise<GradientPass>
  dispose(): void
}

/** A pass forward; what it keeps for the way back is freed with it. */
export interface GradientPass {
  readonly outputs: ReadonlyMap<string, Tensor>
  /**
   * The gradients of all parameters.
   * @param seeds gradient of each output that learns
   */
  backward(seeds: ReadonlyMap<string, Float32Array>): Promise<ReadonlyMap<string, Tensor>>
}

/**
 * Opens both graphs of a differentiated computation.
 * @throws INVALID_DATA when ONNX Runtime cannot load them
 * @example
 * ```ts
 * import { loadOrt } from '@tab/backend-onnx/node'
 * import { createTape, gradientSession, multiply } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const [x, weight] = [tape.input('x', [2]), tape.parameter('weight', [2])]
 * const session = await gradientSession(await loadOrt(), tape.differentiate({ y: multiply(tape, x, weight) }))
 * const inputs = { x: Float32Array.of(3, 5), weight: Float32Array.of(2, 2) }
 * const pass = await session.run(new Map(Object.entries(inputs)))
 * const gradients = await pass.backward(new Map([['y', Float32Array.of(1, 1)]]))
 * console.log(pass.outputs.get('y')?.data, gradients.get('weight')?.data) // Float32Array(2) [ 6, 10 ] Float32Array(2) [ 3, 5 ]
 * session.dispose()
 * ```
 */
export async function gradientSession(
  ort: OrtModule,
  differentiated: Differentiated,
  options: OrtSessionOptions = {},
): Promise<GradientSession> {
  const { forward, backward, outputs, seeds, gradients, kept, again } = differentiated
  const open = (graph: Differentiated['forward']) => openSession('gradientSession', ort, encodeGraph(graph), options)
  const there = await open(forward)
  const back = await open(backward).catch((error: unknown) => {
    there.dispose()
    throw error
  })
  const feed = (values: readonly OnnxValue[], data: ReadonlyMap<string, Float32Array>): Record<string, OrtTensor> =>
    Object.fromEntries(
      values.map(({ name, shape }) => {
        const numbers = data.get(name) as Float32Array
        return [name, new ort.Tensor('float32', numbers, shape as readonly number[])]
      }),
    )
  const named = (
    values: ReadonlyMap<string, { readonly name: string }>,
    results: Readonly<Record<string, OrtTensor>>,
  ) =>
    new Map(
      [...values].map(([name, value]) => {
        const { dims, data } = results[value.name] as OrtTensor
        return [name, tensor(dims, data as Float32Array)] as const
      }),
    )
  return {
    async run(inputs) {
      const results = await there.run(
        feed(forward.inputs, inputs),
        forward.outputs.map(({ name }) => name),
      )
      return {
        outputs: named(outputs, results),
        async backward(given) {
          const bySeed = new Map([...seeds].map(([name, seed]) => [seed.name, given.get(name) as Float32Array]))
          const feeds = {
            ...feed([...seeds.values()], bySeed),
            ...feed(again, inputs),
            ...Object.fromEntries(kept.map(({ name }) => [name, results[name] as OrtTensor])),
          }
          return named(
            gradients,
            await back.run(
              feeds,
              backward.outputs.map(({ name }) => name),
            ),
          )
        },
      }
    },
    dispose() {
      there.dispose()
      back.dispose()
    },
  }
}
