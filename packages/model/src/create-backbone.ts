import { createRng, sizeOf, TabError, tensor, type Tensor } from '@tab/core'
import { ARCHITECTURES, networkSpec, parameterShapes, type Architecture, type Stage } from './architecture.ts'
import { IMAGENET_NORMALIZATION, type Backbone, type Normalization } from './backbone.ts'

export interface CreateBackboneOptions {
  readonly architecture: Architecture
  /** Seed for the random weights. */
  readonly seed: number
  /** Stages after this one are left out. Default `layer4`. */
  readonly lastStage?: Stage
  /** Default: that of ImageNet. */
  readonly normalization?: Normalization
}

/**
 * Creates a backbone with random weights: convolutions with variance 2 / (out x kernel²) (He et al. 2015, fan-out, as in torchvision),
 * but uniform, which is exact and quick to draw; BatchNorm as the identity. The same seed gives the same bytes everywhere.
 * @throws INVALID_ARGUMENT for an unknown architecture
 * @example
 * ```ts
 * import { createBackbone } from '@tab/model'
 *
 * const { layers, parameters } = createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer2' })
 * console.log(layers.map(({ name }) => name), parameters.size) // [ 'layer1', 'layer2' ] 50
 * ```
 */
export function createBackbone(options: CreateBackboneOptions): Backbone {
  const { architecture, seed, lastStage = 'layer4', normalization = IMAGENET_NORMALIZATION } = options
  if (!ARCHITECTURES.includes(architecture)) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'createBackbone',
      expected: `architecture must be one of ${ARCHITECTURES.join(', ')}`,
      actual: JSON.stringify(architecture),
    })
  }
  const network = networkSpec(architecture, lastStage)
  const rng = createRng(seed)
  const parameters = new Map<string, Tensor>()
  for (const [name, shape] of parameterShapes(network)) {
    const data = new Float32Array(sizeOf(shape))
    if (shape.length === 4) {
      const [outputs, , height, width] = shape as [number, number, number, number]
      const bound = Math.sqrt(6 / (outputs * height * width)) // a uniform number in [-b, b) has variance b² / 3
      for (let i = 0; i < data.length; i++) data[i] = bound * (2 * rng() - 1)
    } else if (name.endsWith('.weight') || name.endsWith('.running_var')) {
      data.fill(1)
    }
    parameters.set(name, tensor(shape, data))
  }
  return { architecture, lastStage, network, layers: network.layers, parameters, normalization }
}
