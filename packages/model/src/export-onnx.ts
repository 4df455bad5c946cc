import { TabError } from '@tab/core'
import { encodeGraph, type OnnxInitializer, type OnnxNode, type OnnxValue } from '@tab/backend-onnx/graph'
import type { BlockSpec, ConvolutionSpec } from './architecture.ts'
import type { Backbone } from './backbone.ts'
import { foldBatchNorm } from './fold-batch-norm.ts'
import { weightsDigest } from './weights-digest.ts'

export interface ExportOnnxOptions {
  /** Names of the feature maps to output; the network ends at the deepest one. */
  readonly layers: readonly string[]
  /**
   * `nhwc` (default): takes images [N,H,W,3], RGB in [0,1], normalises them itself, and gives features [N,h,w,C]. `nchw`: takes
   * normalised images [N,3,H,W] and gives features [N,C,h,w], like an export from PyTorch.
   */
  readonly layout?: 'nhwc' | 'nchw'
}

/**
 * Exports a backbone as an ONNX file, with BatchNorm folded into the convolutions. Batch and image size are free. The input is named
 * `images`, the outputs like the layers; the metadata entry `tab.backbone` describes the model.
 * @throws NOT_FOUND for a layer that the backbone lacks, INVALID_ARGUMENT without layers
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { createBackbone, exportOnnx } from '@tab/model'
 *
 * const backbone = createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer3' })
 * const model = exportOnnx(backbone, { layers: ['layer2', 'layer3'] })
 * await writeFile('resnet18.onnx', model)
 * console.log(`${(model.length / 2 ** 20).toFixed(1)} MiB`) // 10.6 MiB
 * ```
 */
export function exportOnnx(backbone: Backbone, { layers, layout = 'nhwc' }: ExportOnnxOptions): Uint8Array {
  const wanted = backbone.layers.filter(({ name }) => layers.includes(name))
  const unknown = layers.filter((name) => !wanted.some((layer) => layer.name === name))
  if (unknown.length > 0) {
    throw new TabError('NOT_FOUND', {
      where: 'exportOnnx',
      expected: `layers among ${backbone.layers.map(({ name }) => name).join(', ')}`,
      actual: unknown.join(', '),
    })
  }
  const deepest = wanted.at(-1)
  if (!deepest)
    throw new TabError('INVALID_ARGUMENT', { where: 'exportOnnx', expected: 'at least one layer', actual: 'none' })

  const nodes: OnnxNode[] = []
  const initializers: OnnxInitializer[] = []
  const add = (operator: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}): string => {
    nodes.push({ operator, inputs, outputs: [output], attributes })
    return output
  }
  const constant = (name: string, shape: readonly number[], data: Float32Array): string => {
    initializers.push({ name, shape, data })
    return name
  }
  const convolve = (input: string, spec: ConvolutionSpec): string => {
    const { weight, bias } = foldBatchNorm(spec, backbone.parameters)
    const { convolution: name, kernel, stride, padding } = spec
    const inputs = [
      input,
      constant(`${name}.weight`, weight.shape, weight.data),
      constant(`${name}.bias`, bias.shape, bias.data),
    ]
    return add('Conv', inputs, name, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    })
  }
  const residual = (input: string, { convolutions, downsample }: BlockSpec, name: string): string => {
    let value = input
    for (const [index, spec] of convolutions.entries()) {
      value = convolve(value, spec)
      if (index < convolutions.length - 1) value = add('Relu', [value], `${spec.convolution}.relu`)
    }
    const shortcut = downsample ? convolve(input, downsample) : input
    return add('Relu', [add('Add', [value, shortcut], `${name}.sum`)], name)
  }

  let value = 'images'
  if (layout === 'nhwc') {
    const { mean, std } = backbone.normalization
    const centred = add('Sub', [value, constant('mean', [3], Float32Array.from(mean))], 'centred')
    const normalised = add('Div', [centred, constant('std', [3], Float32Array.from(std))], 'normalised')
    value = add('Transpose', [normalised], 'normalised.nchw', { perm: [0, 3, 1, 2] })
  }
  value = add('Relu', [convolve(value, backbone.network.stem)], 'stem')
  value = add('MaxPool', [value], 'stem.pool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })
  for (const layer of backbone.layers) {
    for (const [index, block] of backbone.network.blocks.filter(({ stage }) => stage === layer.name).entries()) {
      value = residual(value, block, `${layer.name}.${index}`)
    }
    if (wanted.includes(layer)) {
      if (layout === 'nhwc') add('Transpose', [value], layer.name, { perm: [0, 2, 3, 1] })
      else add('Identity', [value], layer.name)
    }
    if (layer === deepest) break
  }

  const spatial = (name: string, channels: number): OnnxValue => ({
    name,
    type: 'float32',
    shape:
      layout === 'nhwc'
        ? ['N', `${name}_height`, `${name}_width`, channels]
        : ['N', channels, `${name}_height`, `${name}_width`],
  })
  return encodeGraph({
    name: backbone.architecture,
    inputs: [spatial('images', 3)],
    outputs: wanted.map(({ name, channels }) => spatial(name, channels)),
    initializers,
    nodes,
    metadata: {
      'tab.backbone': JSON.stringify({
        version: 1,
        architecture: backbone.architecture,
        digest: weightsDigest(backbone),
        layout,
        layers: wanted,
        normalization: backbone.normalization,
      }),
    },
  })
}
