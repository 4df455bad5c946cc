import { tensor, type Tensor } from '@tab/core'
import { BATCH_NORM_EPSILON, type ConvolutionSpec } from './architecture.ts'

/** A convolution [out,in,height,width] with bias [out]. */
export interface FoldedConvolution {
  readonly weight: Tensor
  readonly bias: Tensor
}

/**
 * Folds the running statistics and the affine part of a BatchNorm into the convolution before it, in float64:
 * w' = w * gamma / sqrt(var + eps), b' = beta - mean * gamma / sqrt(var + eps).
 */
export function foldBatchNorm(
  { convolution, batchNorm, outputChannels }: ConvolutionSpec,
  parameters: ReadonlyMap<string, Tensor>,
): FoldedConvolution {
  const of = (name: string): Tensor => parameters.get(name) as Tensor
  const part = (name: string, channel: number): number => of(`${batchNorm}.${name}`).data[channel] as number
  const { shape, data } = of(`${convolution}.weight`)
  const weight = new Float32Array(data.length)
  const bias = new Float32Array(outputChannels)
  const size = data.length / outputChannels
  for (let channel = 0; channel < outputChannels; channel++) {
    const scale = part('weight', channel) / Math.sqrt(part('running_var', channel) + BATCH_NORM_EPSILON)
    for (let i = channel * size; i < (channel + 1) * size; i++) weight[i] = (data[i] as number) * scale
    bias[channel] = part('bias', channel) - part('running_mean', channel) * scale
  }
  return { weight: tensor(shape, weight), bias: tensor([outputChannels], bias) }
}
