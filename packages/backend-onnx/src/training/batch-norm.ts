import { sizeOf } from '@tab/core'
import { sumOfChannels } from './convolution.ts'
import { reshape, type GraphValue, type GraphWriter } from './graph-writer.ts'
import type { Tape } from './tape.ts'

/** What a BatchNorm in training gives. */
export interface BatchNormOutput {
  /** [C,H,W,N] */
  readonly output: GraphValue
  /** [C], of the batch. */
  readonly mean: GraphValue
  /** [C], biased. */
  readonly variance: GraphValue
}

/**
 * BatchNorm with the statistics of the batch, y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with its gradient in closed form
 * (Ioffe & Szegedy 2015).
 * @param x [C,H,W,N]
 * @param gamma [C]
 * @param beta [C]
 * @example
 * ```ts
 * import { batchNorm, createTape } from '@tab/backend-onnx/training'
 *
 * const tape = createTape()
 * const [x, gamma, beta] = [tape.input('x', [64, 16, 16, 8]), tape.parameter('gamma', [64]), tape.parameter('beta', [64])]
 * const { output, mean } = batchNorm(tape, x, gamma, beta, 1e-5)
 * console.log(output.shape, mean.shape) // [ 64, 16, 16, 8 ] [ 64 ]
 * ```
 */
export function batchNorm(
  tape: Tape,
  x: GraphValue,
  gamma: GraphValue,
  beta: GraphValue,
  epsilon: number,
): BatchNormOutput {
  const { graph } = tape
  const [channels, ...rest] = x.shape as [number, number, number, number]
  const count = sizeOf(rest)
  const perChannel = [channels, 1, 1, 1]
  const over = { axes: [1, 2, 3], keepdims: 1 }
  const mean = graph.add('ReduceMean', [x], perChannel, over)
  const centred = graph.add('Sub', [x, mean], x.shape)
  const variance = graph.add('ReduceMean', [graph.add('Mul', [centred, centred], x.shape)], perChannel, over)
  const shifted = graph.add('Add', [variance, graph.constant([], Float32Array.of(epsilon))], perChannel)
  const inverse = graph.add('Reciprocal', [graph.add('Sqrt', [shifted], perChannel)], perChannel)
  const normalised = graph.add('Mul', [centred, inverse], x.shape)
  const wide = (to: GraphWriter, value: GraphValue): GraphValue => reshape(to, value, perChannel)
  const scaled = graph.add('Mul', [normalised, wide(graph, gamma)], x.shape)
  const output = graph.add('Add', [scaled, wide(graph, beta)], x.shape)
  tape.record([x, gamma, beta], output, (back, dy, [ofInput]) => {
    const dBeta = sumOfChannels(back, dy)
    const dGamma = sumOfChannels(back, back.add('Mul', [dy, normalised], x.shape))
    if (!ofInput) return [undefined, dGamma, dBeta]
    const share = back.constant([], Float32Array.of(1 / count))
    const meanOf = (sum: GraphValue): GraphValue => wide(back, back.add('Mul', [sum, share], sum.shape))
    const along = back.add('Mul', [normalised, meanOf(dGamma)], x.shape)
    const mixed = back.add('Add', [along, meanOf(dBeta)], x.shape)
    const factor = back.add('Mul', [inverse, wide(back, gamma)], perChannel)
    return [back.add('Mul', [back.add('Sub', [dy, mixed], x.shape), factor], x.shape), dGamma, dBeta]
  })
  return { output, mean: reshape(graph, mean, [channels]), variance: reshape(graph, variance, [channels]) }
}
