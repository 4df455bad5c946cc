import { writeSafetensors } from '@tab/core'
import type { Backbone } from './backbone.ts'

/**
 * A safetensors file with torchvision's parameter names. `torchvision.models.<architecture>().load_state_dict(...,
 * strict=False)` takes it, with only `fc` (and the stages the backbone lacks) missing.
 * @param metadata free strings kept beside it in the header
 */
export function saveBackbone(backbone: Backbone, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const { architecture, normalization, parameters } = backbone
  return writeSafetensors(parameters, {
    ...metadata,
    format: 'pt', // transformers and timm expect this key
    'tab.architecture': architecture,
    'tab.normalization': JSON.stringify(normalization),
  })
}
