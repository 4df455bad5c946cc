import type { FeatureLayer } from '@tab/core'

/** The ResNets of the paper and of its references, by torchvision's names. */
export type Architecture = 'resnet18' | 'resnet34' | 'resnet50' | 'wide_resnet50_2'

export const ARCHITECTURES: readonly Architecture[] = ['resnet18', 'resnet34', 'resnet50', 'wide_resnet50_2']

/** Stages in the order of the network; a backbone holds the stem and a leading run of them. */
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

/** A residual block: its convolutions with ReLU between them, and ReLU behind the sum with the shortcut. */
export interface BlockSpec {
  readonly stage: Stage
  readonly convolutions: readonly ConvolutionSpec[]
  /** 1x1 convolution of the shortcut, where shapes change. */
  readonly downsample: ConvolutionSpec | undefined
}

/** A network as data, enough to build it in any engine. */
export interface NetworkSpec {
  readonly architecture: Architecture
  /** 7x7 stride 2; then ReLU and a 3x3 max-pool of stride 2, padding 1. */
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
const EXPANSION = 4 // output channels of a bottleneck over the stage's base width

/**
 * The network of an architecture up to a stage (He et al. 2016; stride on the 3x3 convolution of a bottleneck as in
 * torchvision; Zagoruyko & Komodakis 2016 for the wide one).
 * @param lastStage default `layer4`
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

/** Every convolution of a network, in the order that data runs. */
export function convolutionsOf({ stem: first, blocks }: NetworkSpec): ConvolutionSpec[] {
  return [
    first,
    ...blocks.flatMap(({ convolutions, downsample }) => (downsample ? [...convolutions, downsample] : convolutions)),
  ]
}

/** Name and shape of every parameter, torchvision's names and layout (convolutions [out,in,height,width]). */
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
