import { tensor, type Tensor } from '@tab/core'
import { BATCH_NORM_EPSILON, convolutionsOf } from './architecture.ts'
import type { Backbone } from './backbone.ts'
import { foldBatchNorm } from './fold-batch-norm.ts'

/**
 * The same function with every BatchNorm folded into its convolution: what is left of it is a bias, with weight 1, mean 0 and variance 1, which
 * 16-bit floats hold exactly. Names and shapes stay torchvision's.
 * @example
 * ```ts
 * import { createBackbone, withoutBatchNorm } from '@tab/model'
 *
 * const folded = withoutBatchNorm(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer1' }))
 * console.log(folded.parameters.get('bn1.running_var')?.data[0]) // 1
 * ```
 */
export function withoutBatchNorm(backbone: Backbone): Backbone {
  const parameters = new Map<string, Tensor>()
  const rest = Math.sqrt(1 + BATCH_NORM_EPSILON) // what such a BatchNorm still divides by
  for (const spec of convolutionsOf(backbone.network)) {
    const { weight, bias } = foldBatchNorm(spec, backbone.parameters)
    const filled = (value: number): Tensor => tensor(bias.shape, new Float32Array(bias.data.length).fill(value))
    parameters.set(
      `${spec.convolution}.weight`,
      tensor(
        weight.shape,
        weight.data.map((value) => value * rest),
      ),
    )
    parameters.set(`${spec.batchNorm}.weight`, filled(1))
    parameters.set(`${spec.batchNorm}.bias`, bias)
    parameters.set(`${spec.batchNorm}.running_mean`, filled(0))
    parameters.set(`${spec.batchNorm}.running_var`, filled(1))
  }
  return { ...backbone, parameters }
}
