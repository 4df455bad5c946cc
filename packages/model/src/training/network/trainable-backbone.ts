import * as tf from '@tensorflow/tfjs'
import { toEngine, toHost } from '@tab/backend-tfjs'
import type { Tensor } from '@tab/core'
import {
  BATCH_NORM_EPSILON,
  BATCH_NORM_MOMENTUM,
  STAGES,
  type BlockSpec,
  type ConvolutionSpec,
  type Stage,
} from '../../architecture.ts'
import type { Backbone } from '../../backbone.ts'
import { trainingBatchNorm, type BatchStatistics } from './batch-norm.ts'
import { toChannelsFirst, toChannelsLast } from './filter-layout.ts'

/** How BatchNorm works: by its running statistics, or by those of the batch, which then move the running ones. */
export type BatchNormMode = 'frozen' | 'train'

/** Batch statistics of a forward pass, by the prefix of the BatchNorm. */
export type SeenStatistics = Map<string, BatchStatistics>

/** A backbone as variables of the current engine. */
export interface TrainableBackbone {
  /** By torchvision's names; filters [height,width,in,out]. Running statistics are among them and take no gradient. */
  readonly variables: ReadonlyMap<string, tf.Variable>
  /** The variables of some stages that take gradients. */
  trainable(stages: readonly Stage[]): ReadonlyMap<string, tf.Variable>
  /** Running means and variances of some stages. */
  statistics(stages: readonly Stage[]): ReadonlyMap<string, tf.Variable>
  /** RGB images [N,H,W,3] in [0,1], normalised, through stem and pooling: [N,H/4,W/4,64]. */
  stem(images: tf.Tensor4D, mode: BatchNormMode, seen: SeenStatistics): tf.Tensor4D
  /** A stage: features of the one before it to its own. */
  stage(name: Stage, input: tf.Tensor4D, mode: BatchNormMode, seen: SeenStatistics): tf.Tensor4D
  /** Moves the running statistics by torchvision's momentum (its variance is the unbiased one) and frees what was seen. */
  updateStatistics(seen: SeenStatistics): void
  /** The weights as plain data. */
  toBackbone(): Promise<Backbone>
  dispose(): void
}

/** A filter and its bias, with the BatchNorm folded in. */
interface FoldedConvolution {
  readonly filter: tf.Tensor4D
  readonly bias: tf.Tensor1D
}

const RUNNING = /\.running_(mean|var)$/

/**
 * Puts a backbone on tfjs's current engine; the same operations on every engine, as torchvision defines the network.
 * @param fixed stages whose weights and statistics never change (the stem counts to the first): what BatchNorm makes of their filters is
 *   kept instead of made again for each pass, which engines also keep prepared filters by. Default none.
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { createBackbone } from '@tab/model'
 * import { trainableBackbone } from '@tab/model/training'
 *
 * const backbone = createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer1' })
 * const network = trainableBackbone(backbone)
 * const image = tf.zeros<tf.Rank.R4>([1, 32, 32, 3])
 * const stem = network.stem(image, 'frozen', new Map())
 * console.log(network.stage('layer1', stem, 'frozen', new Map()).shape) // [ 1, 8, 8, 64 ]
 * network.dispose()
 * ```
 */
export function trainableBackbone(backbone: Backbone, fixed: readonly Stage[] = []): TrainableBackbone {
  const { network, normalization } = backbone
  const variables = new Map<string, tf.Variable>()
  for (const [name, parameter] of backbone.parameters) {
    const value = toEngine(parameter.shape.length === 4 ? toChannelsLast(parameter) : parameter)
    variables.set(name, tf.variable(value, !RUNNING.test(name)))
    value.dispose()
  }
  const kept = new Map<string, FoldedConvolution>()
  const of = (name: string): tf.Variable => variables.get(name) as tf.Variable
  const part = ({ batchNorm }: ConvolutionSpec, name: string) => of(`${batchNorm}.${name}`) as tf.Tensor1D

  function convolve(x: tf.Tensor4D, spec: ConvolutionSpec, mode: BatchNormMode, seen: SeenStatistics): tf.Tensor4D {
    const { input, pad } = padded(x, spec.padding)
    if (mode === 'train') {
      const output = tf.conv2d(input, of(`${spec.convolution}.weight`) as tf.Tensor4D, spec.stride, pad)
      return trainingBatchNorm(output, part(spec, 'weight'), part(spec, 'bias'), (batch) =>
        seen.set(spec.batchNorm, batch),
      )
    }
    const { filter, bias } = folded(spec)
    // The fused operation always makes the gradient of its input: where nothing learns before it, in vain.
    if (meetsConstants(spec)) return tf.add(tf.conv2d(input, filter, spec.stride, pad), bias)
    return tf.fused.conv2d({ x: input, filter, bias, strides: spec.stride, pad })
  }

  /** Whether a convolution that learns takes its input from stages that do not. */
  function meetsConstants({ convolution }: ConvolutionSpec): boolean {
    const first = STAGES[fixed.length]
    const block = first && network.blocks.find(({ stage }) => stage === first)
    return [block?.convolutions[0], block?.downsample].some((spec) => spec?.convolution === convolution)
  }

  /** BatchNorm folded into the filter: what is left of it, forward and backward, is small beside the activations. */
  function folded(spec: ConvolutionSpec): FoldedConvolution {
    const found = kept.get(spec.convolution)
    if (found) return found
    const scale = tf.mul(part(spec, 'weight'), tf.rsqrt(tf.add(part(spec, 'running_var'), BATCH_NORM_EPSILON)))
    const result = {
      filter: tf.mul(of(`${spec.convolution}.weight`) as tf.Tensor4D, scale) as tf.Tensor4D,
      bias: tf.sub(part(spec, 'bias'), tf.mul(part(spec, 'running_mean'), scale)) as tf.Tensor1D,
    }
    if (fixed.includes(stageOf(spec.convolution))) {
      tf.keep(result.filter)
      tf.keep(result.bias)
      kept.set(spec.convolution, result)
    }
    return result
  }

  function block({ convolutions, downsample }: BlockSpec, x: tf.Tensor4D, mode: BatchNormMode, seen: SeenStatistics) {
    let value = x
    for (const [index, spec] of convolutions.entries()) {
      value = convolve(value, spec, mode, seen)
      if (index < convolutions.length - 1) value = tf.relu(value)
    }
    return tf.relu(tf.add(value, downsample ? convolve(x, downsample, mode, seen) : x)) as tf.Tensor4D
  }

  return {
    variables,
    trainable: (stages) =>
      new Map([...variables].filter(([name]) => !RUNNING.test(name) && stages.includes(stageOf(name)))),
    statistics: (stages) =>
      new Map([...variables].filter(([name]) => RUNNING.test(name) && stages.includes(stageOf(name)))),
    stem(images, mode, seen) {
      const normalised = tf.div(tf.sub(images, [...normalization.mean]), [...normalization.std]) as tf.Tensor4D
      const value = tf.relu(convolve(normalised, network.stem, mode, seen))
      const { input, pad } = padded(value, 1) // zeros do as padding, as nothing is below 0 here
      return tf.maxPool(input, 3, 2, pad)
    },
    stage: (name, input, mode, seen) =>
      network.blocks.filter(({ stage }) => stage === name).reduce((x, spec) => block(spec, x, mode, seen), input),
    updateStatistics(seen) {
      for (const [prefix, { mean, variance, count }] of seen) {
        const move = (name: string, value: tf.Tensor): void => {
          const running = of(`${prefix}.${name}`)
          running.assign(tf.add(tf.mul(running, 1 - BATCH_NORM_MOMENTUM), tf.mul(value, BATCH_NORM_MOMENTUM)))
        }
        tf.tidy(() => {
          move('running_mean', mean)
          move('running_var', tf.mul(variance, count / Math.max(1, count - 1)))
        })
        tf.dispose([mean, variance])
      }
      seen.clear()
    },
    async toBackbone() {
      const parameters = new Map<string, Tensor>()
      for (const [name, variable] of variables) {
        const value = await toHost(variable)
        parameters.set(name, value.shape.length === 4 ? toChannelsFirst(value) : value)
      }
      return { ...backbone, parameters }
    },
    dispose() {
      tf.dispose([...variables.values()])
      for (const { filter, bias } of kept.values()) tf.dispose([filter, bias])
    },
  }
}

/** The stage that a parameter belongs to; the stem counts to the first. */
function stageOf(name: string): Stage {
  return STAGES.find((stage) => name.startsWith(`${stage}.`)) ?? 'layer1'
}

/** Zeros on each side: by the operation itself, except on TensorFlow's own library, whose pooling refuses them. */
function padded(
  x: tf.Tensor4D,
  padding: number,
): { input: tf.Tensor4D; pad: 'valid' | tf.backend_util.ExplicitPadding } {
  if (padding === 0) return { input: x, pad: 'valid' }
  const pad: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ]
  return tf.getBackend() === 'tensorflow' ? { input: tf.pad(x, pad), pad: 'valid' } : { input: x, pad }
}
