import { createRng, tensor } from '@tab/core'
import { createBackbone, type Architecture, type Backbone, type Stage } from '@tab/model'

/** A random backbone whose BatchNorms are not the identity either. */
export function randomBackbone(architecture: Architecture, lastStage: Stage = 'layer4'): Backbone {
  const backbone = createBackbone({ architecture, seed: 11, lastStage })
  const rng = createRng(12)
  const parameters = new Map(
    [...backbone.parameters].map(([name, parameter]) => {
      if (parameter.shape.length === 4) return [name, parameter]
      const [low, high] = name.endsWith('.weight') || name.endsWith('running_var') ? [0.5, 1.5] : [-0.2, 0.2]
      return [
        name,
        tensor(
          parameter.shape,
          parameter.data.map(() => low + (high - low) * rng()),
        ),
      ]
    }),
  )
  return { ...backbone, parameters }
}
