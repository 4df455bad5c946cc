import { createRng, sizeOf, tensor } from '@tab/core'
import {
  IMAGENET_NORMALIZATION,
  networkSpec,
  parameterShapes,
  type Architecture,
  type Backbone,
  type ConvolutionSpec,
  type Stage,
} from '@tab/model'

/** A random backbone with a sixteenth of an architecture's channels, so that plain JavaScript computes it quickly. */
export function narrowBackbone(architecture: Architecture, lastStage: Stage): Backbone {
  const wide = networkSpec(architecture, lastStage)
  const narrow = (convolution: ConvolutionSpec): ConvolutionSpec => ({
    ...convolution,
    inputChannels: Math.ceil(convolution.inputChannels / 16),
    outputChannels: convolution.outputChannels / 16,
  })
  const network = {
    ...wide,
    stem: { ...narrow(wide.stem), inputChannels: 3 },
    blocks: wide.blocks.map((block) => ({
      ...block,
      convolutions: block.convolutions.map(narrow),
      downsample: block.downsample && narrow(block.downsample),
    })),
    layers: wide.layers.map((layer) => ({ ...layer, channels: layer.channels / 16 })),
  }
  const rng = createRng(3)
  const parameters = new Map(
    [...parameterShapes(network)].map(([name, shape]) => {
      const [low, high] = shape.length === 4 ? [-0.3, 0.3] : /running_var|weight/.test(name) ? [0.5, 1.5] : [-0.2, 0.2]
      const values = Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * rng())
      return [name, tensor(shape, values)]
    }),
  )
  const { layers } = network
  return { architecture, lastStage, network, layers, parameters, normalization: IMAGENET_NORMALIZATION }
}
