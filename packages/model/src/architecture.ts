import type { FeatureLayer } from '@tab/core'

/** The ResNets of the paper and its references, by torchvision's names. */
export type Architecture = 'resnet18' | 'resnet34' | 'resnet50' | 'wide_resnet50_2'

export const ARCHITECTURES: readonly Architecture[] = ['resnet18', 'resnet34', 'resnet50', 'wide_resnet50_2']

/** Stages in the order of the network; a backbone has the stem and the first one or more stages. */
export const STAGES = ['layer1', 'layer2', 'layer3', 'layer4'] as const
export type Stage = (typeof STAGES)[number]

/** Epsilon of every BatchNorm (torchvision's). */
export const BATCH_NORM_EPSILON = 1e-5
/** Momentum of every BatchNorm's running statistics (torchvision's). */
export const BATCH_NORM_MOMENTUM = 0.1

/** A convolution without bias, followed by a BatchNorm. */
export interface ConvolutionSpec {
  /** Prefix of its parameters: `layer1.0.conv1`. */
  readonly convolution: string
  /** Prefix of its BatchNorm's parameters: `layer1.0.bn1`. */
  readonly batchNorm: string
  readonly inputChannels: number
  readonly outputChannels: number
  readonly kernel: number
  readonly stride: number
  /** Zeros on each side. */
  readonly padding: number
}

/** A residual block: convolutions with ReLU between them, and ReLU after the sum with the shortcut. */
export interface BlockSpec {
  readonly stage: Stage
  readonly convolutions: readonly ConvolutionSpec[]
  /** 1x1 convolution of the shortcut, where shapes change. */
  readonly downsample: ConvolutionSpec | undefined
}

/** A network as data, sufficient to build it in any engine. */
export interface NetworkSpec {
  readonly architecture: Architecture
  /** 7x7 with stride 2; followed by ReLU and a 3x3 max-pool with stride 2 and padding 1. */
  readonly stem: ConvolutionSpec
  readonly blocks: readonly BlockSpec[]
  /** The output of each stage. */
  readonly layers: readonly (FeatureLayer & { readonly name: Stage })[]
}

const VARIANTS: Readonly<
  Record<
    Architecture,
    { readonly blocks: readonly number[]; readonly bottleneck: boolean; readonly widthFactor: number }
  >
> = {
  resnet18: { blocks: [2, 2, 2, 2], bottleneck: false, widthFactor: 1 },
  resnet34: { blocks: [3, 4, 6, 3], bottleneck: false, widthFactor: 1 },
  resnet50: { blocks: [3, 4, 6, 3], bottleneck: true, widthFactor: 1 },
  wide_resnet50_2: { blocks: [3, 4, 6, 3], bottleneck: true, widthFactor: 2 },
}
const EXPANSION = 4 // ratio of a bottleneck's output channels to the base width of its stage

/**
 * Describes an architecture up to a stage (He et al. 2016, with the stride on the 3x3 convolution of a bottleneck as in torchvision;
 * Zagoruyko & Komodakis 2016 for the wide one).
 * @param lastStage default `layer4`
 * @example
 * ```ts
 * import { networkSpec } from '@tab/model'
 *
 * const { blocks, layers } = networkSpec('resnet18', 'layer2')
 * console.log(blocks.length, layers[1]) // 4 { name: 'layer2', channels: 128, stride: 8 }
 * ```
 */
export function networkSpec(architecture: Architecture, lastStage: Stage = 'layer4'): NetworkSpec {
  const { blocks: counts, bottleneck, widthFactor } = VARIANTS[architecture]
  const blocks: BlockSpec[] = []
  const layers: (FeatureLayer & { name: Stage })[] = []
  let inputChannels = 64
  for (const [index, stage] of STAGES.slice(0, STAGES.indexOf(lastStage) + 1).entries()) {
    const base = 64 * 2 ** index
    const outputChannels = bottleneck ? base * EXPANSION : base
    for (let block = 0; block < (counts[index] as number); block++) {
      const stride = block === 0 && index > 0 ? 2 : 1
      const name = `${stage}.${block}`
      const width = base * widthFactor
      const convolutions = bottleneck
        ? [
            convolution(name, 1, inputChannels, width, 1, 1),
            convolution(name, 2, width, width, 3, stride),
            convolution(name, 3, width, outputChannels, 1, 1),
          ]
        : [
            convolution(name, 1, inputChannels, outputChannels, 3, stride),
            convolution(name, 2, outputChannels, outputChannels, 3, 1),
          ]
      const changes = stride !== 1 || inputChannels !== outputChannels
      blocks.push({
        stage,
        convolutions,
        downsample: changes ? shortcut(name, inputChannels, outputChannels, stride) : undefined,
      })
      inputChannels = outputChannels
    }
    layers.push({ name: stage, channels: outputChannels, stride: 4 * 2 ** index })
  }
  return { architecture, stem: stem(), blocks, layers }
}

/**
 * Lists every convolution of a network, in the order in which they run.
 * @example
 * ```ts
 * import { convolutionsOf, networkSpec } from '@tab/model'
 *
 * const [stem, first] = convolutionsOf(networkSpec('resnet18'))
 * console.log(stem?.convolution, first?.convolution) // conv1 layer1.0.conv1
 * ```
 */
export function convolutionsOf({ stem: first, blocks }: NetworkSpec): ConvolutionSpec[] {
  return [
    first,
    ...blocks.flatMap(({ convolutions, downsample }) => (downsample ? [...convolutions, downsample] : convolutions)),
  ]
}

/**
 * Name and shape of every parameter, with torchvision's names and layout (convolutions [out,in,height,width]).
 * @example
 * ```ts
 * import { networkSpec, parameterShapes } from '@tab/model'
 *
 * const shapes = parameterShapes(networkSpec('resnet18'))
 * console.log(shapes.size, shapes.get('layer1.0.conv1.weight')) // 100 [ 64, 64, 3, 3 ]
 * ```
 */
export function parameterShapes(network: NetworkSpec): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  for (const { convolution: name, batchNorm, inputChannels, outputChannels, kernel } of convolutionsOf(network)) {
    shapes.set(`${name}.weight`, [outputChannels, inputChannels, kernel, kernel])
    for (const part of BATCH_NORM_PARTS) shapes.set(`${batchNorm}.${part}`, [outputChannels])
  }
  return shapes
}

/** Parameters and statistics of a BatchNorm, by torchvision's names. */
const BATCH_NORM_PARTS = ['weight', 'bias', 'running_mean', 'running_var'] as const

function stem(): ConvolutionSpec {
  return {
    convolution: 'conv1',
    batchNorm: 'bn1',
    inputChannels: 3,
    outputChannels: 64,
    kernel: 7,
    stride: 2,
    padding: 3,
  }
}

function convolution(
  block: string,
  number: number,
  inputChannels: number,
  outputChannels: number,
  kernel: number,
  stride: number,
): ConvolutionSpec {
  const padding = (kernel - 1) / 2
  return {
    convolution: `${block}.conv${number}`,
    batchNorm: `${block}.bn${number}`,
    inputChannels,
    outputChannels,
    kernel,
    stride,
    padding,
  }
}

function shortcut(block: string, inputChannels: number, outputChannels: number, stride: number): ConvolutionSpec {
  const name = `${block}.downsample`
  return {
    convolution: `${name}.0`,
    batchNorm: `${name}.1`,
    inputChannels,
    outputChannels,
    kernel: 1,
    stride,
    padding: 0,
  }
}
