import { writeSafetensors, type WriteSafetensorsOptions } from '@tab/core'
import type { Backbone } from './backbone.ts'

/**
 * Saves a backbone as a safetensors file with torchvision's parameter names. `torchvision.models.<architecture>().load_state_dict(...,
 * strict=False)` accepts it, with only `fc` (and the stages that the backbone lacks) missing.
 * @param metadata free-form strings stored in the header
 * @param options `dtype: 'float16'` for half the size; `withoutBatchNorm` first keeps small variances from being rounded
 * @throws NUMERICAL for a weight that float16 cannot hold
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { createBackbone, saveBackbone } from '@tab/model'
 *
 * const file = saveBackbone(createBackbone({ architecture: 'resnet18', seed: 0 }), { source: 'random weights' })
 * await writeFile('resnet18.safetensors', file)
 * console.log(`${(file.length / 2 ** 20).toFixed(1)} MiB`) // 42.7 MiB
 * ```
 */
export function saveBackbone(
  backbone: Backbone,
  metadata: Readonly<Record<string, string>> = {},
  options: WriteSafetensorsOptions = {},
): Uint8Array {
  const { architecture, normalization, parameters } = backbone
  const header = {
    ...metadata,
    format: 'pt', // transformers and timm expect this key
    'tab.architecture': architecture,
    'tab.normalization': JSON.stringify(normalization),
  }
  return writeSafetensors(parameters, header, options)
}
