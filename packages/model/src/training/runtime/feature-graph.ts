import {
  add,
  batchNorm,
  constantConvolution,
  convolution,
  createTape,
  maxPool,
  multiply,
  relu,
  subtract,
  transpose,
  type Differentiated,
  type GraphValue,
} from '@tab/backend-onnx/training'
import { sizeOf, type Tensor } from '@tab/core'
import { BATCH_NORM_EPSILON, STAGES, type BlockSpec, type ConvolutionSpec, type Stage } from '../../architecture.ts'
import type { Backbone } from '../../backbone.ts'
import { foldBatchNorm } from '../../fold-batch-norm.ts'
import { toChannelsLast } from '../network/filter-layout.ts'

/** What of a network is computed, and what of it learns. */
export interface FeaturePlan {
  readonly backbone: Backbone
  /** Names of the parameters that take gradients, as torchvision has them. */
  readonly learning: ReadonlySet<string>
  readonly firstLearning: number
  readonly lastStage: number
  readonly batchNorm: 'frozen' | 'train'
  /** Stages whose features are asked for. */
  readonly stages: readonly Stage[]
  /** Stages whose features by the first weights are asked for too. */
  readonly reference: readonly Stage[]
}

/** Names of what a graph of features gives. */
export const outputName = {
  features: (stage: Stage): string => `features/${stage}`,
  reference: (stage: Stage): string => `reference/${stage}`,
  statistics: (batchNorm: string, part: 'mean' | 'variance'): string => `statistics/${batchNorm}/${part}`,
}

/** Graphs of features and their gradients. */
export interface FeatureGraph {
  readonly graphs: Differentiated
  /** Over how many values each BatchNorm in training takes its statistics, by the prefix of its parameters. */
  readonly counts: ReadonlyMap<string, number>
}

// Stages that learn have images last, [C,H,W,N]; constants [N,C,H,W], as ONNX Runtime's convolution; what goes in and out channels last.
const IMAGES_LAST = [1, 2, 3, 0]
const IMAGES_FIRST = [3, 0, 1, 2]
const IMAGES_FIRST_OF_NHWC = [0, 3, 1, 2]
const IMAGES_LAST_OF_NHWC = [3, 1, 2, 0]
const NHWC_OF_IMAGES_FIRST = [0, 2, 3, 1]
const NHWC_OF_IMAGES_LAST = [3, 1, 2, 0]

/** How the convolutions of a part of the network are made. */
type Mode = 'constant' | 'frozen' | 'train'

/**
 * A backbone from images to features with channels last, and back from their gradients to those of its weights: filters [k,k,in,out], as
 * tfjs's variables. Stages before the first that learns are constants.
 * @param size N, H and W of the normalised images [N,H,W,3], input `images`
 */
export function featureGraph(plan: FeaturePlan, size: readonly [number, number, number]): FeatureGraph {
  const { backbone, learning, firstLearning, lastStage, stages } = plan
  const tape = createTape()
  const { graph } = tape
  const outputs: Record<string, GraphValue> = {}
  const weights = new Map<string, GraphValue>()
  const counts = new Map<string, number>()

  const constantOf = ({ shape, data }: Tensor): GraphValue => graph.constant(shape, data)
  /** A weight that learns is an input, any other a constant. */
  function weight(name: string): GraphValue {
    const known = weights.get(name)
    if (known) return known
    const parameter = backbone.parameters.get(name) as Tensor
    const value = parameter.shape.length === 4 ? toChannelsLast(parameter) : parameter
    const made = learning.has(name) ? tape.parameter(name, value.shape) : constantOf(value)
    weights.set(name, made)
    return made
  }

  function convolve(x: GraphValue, spec: ConvolutionSpec, mode: Mode): GraphValue {
    const { stride, padding, batchNorm: norm } = spec
    if (mode === 'constant') {
      const folded = foldBatchNorm(spec, backbone.parameters)
      return constantConvolution(graph, x, constantOf(folded.weight), constantOf(folded.bias), { stride, padding })
    }
    const filter = weight(`${spec.convolution}.weight`)
    const [gamma, beta] = [weight(`${norm}.weight`), weight(`${norm}.bias`)]
    if (mode === 'train') {
      const convolved = convolution(tape, x, filter, undefined, { stride, padding })
      const { output, mean, variance } = batchNorm(tape, convolved, gamma, beta, BATCH_NORM_EPSILON)
      const [, ...rest] = output.shape as [number, number, number, number]
      counts.set(norm, sizeOf(rest))
      outputs[outputName.statistics(norm, 'mean')] = mean
      outputs[outputName.statistics(norm, 'variance')] = variance
      return output
    }
    const running = (part: string): Float32Array => (backbone.parameters.get(`${norm}.running_${part}`) as Tensor).data
    const inverse = running('var').map((value) => 1 / Math.sqrt(value + BATCH_NORM_EPSILON))
    const scale = multiply(tape, gamma, graph.constant(gamma.shape, inverse))
    const mean = graph.constant(gamma.shape, running('mean'))
    const bias = subtract(tape, beta, multiply(tape, scale, mean))
    return convolution(tape, x, multiply(tape, filter, scale), bias, { stride, padding })
  }

  function block({ convolutions, downsample }: BlockSpec, x: GraphValue, mode: Mode): GraphValue {
    let value = x
    for (const [index, spec] of convolutions.entries()) {
      value = convolve(value, spec, mode)
      if (index < convolutions.length - 1) value = relu(tape, value)
    }
    return relu(tape, add(tape, value, downsample ? convolve(x, downsample, mode) : x))
  }

  /** Images, normalised, through stem and pooling: [N,64,H/4,W/4]. */
  function stem(x: GraphValue, mode: Mode): GraphValue {
    const { stem: spec } = backbone.network
    const value =
      mode === 'constant'
        ? convolve(transpose(tape, x, IMAGES_FIRST_OF_NHWC), spec, mode)
        : transpose(tape, convolve(transpose(tape, x, IMAGES_LAST_OF_NHWC), spec, mode), IMAGES_FIRST)
    return maxPool(tape, relu(tape, value), { kernel: 3, stride: 2, padding: 1 })
  }

  /** Stages number `from` to `to - 1`; those asked for become outputs. */
  function run(x: GraphValue, [from, to]: readonly [number, number], mode: Mode, kind: 'features' | 'reference') {
    let value = x
    for (const stage of STAGES.slice(from, to)) {
      const blocks = backbone.network.blocks.filter((spec) => spec.stage === stage)
      value = blocks.reduce((input, spec) => block(spec, input, mode), value)
      const asked = kind === 'features' ? stages : plan.reference
      const order = mode === 'constant' ? NHWC_OF_IMAGES_FIRST : NHWC_OF_IMAGES_LAST
      if (asked.includes(stage)) outputs[outputName[kind](stage)] = transpose(tape, value, order)
    }
    return value
  }

  const images = tape.input('images', [...size, 3])
  const begun = stem(images, firstLearning > 0 ? 'constant' : plan.batchNorm)
  const before = run(begun, [0, firstLearning], 'constant', 'features')
  run(transpose(tape, before, IMAGES_LAST), [firstLearning, lastStage + 1], plan.batchNorm, 'features')
  if (plan.reference.length > 0) {
    const start = firstLearning > 0 ? before : stem(images, 'constant')
    run(start, [firstLearning, lastStage + 1], 'constant', 'reference')
    for (const stage of plan.reference) {
      // A stage that never learns is its own reference.
      outputs[outputName.reference(stage)] ??= outputs[outputName.features(stage)] as GraphValue
    }
  }
  return { graphs: tape.differentiate(outputs), counts }
}
