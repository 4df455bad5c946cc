import { TabError } from '@tab/core'
import { loadAlignment, saveAlignment } from '@tab/model'

/**
 * The alignment of a training for the weights that are shipped: the heads as they were trained, noted as those of the shipped weights.
 * @param trained digest of the weights that the training ended with
 * @param shipped digest of the weights that are shipped
 * @throws INCOMPATIBLE for an alignment of other weights
 */
export function makeAlignment(path: string, bytes: Uint8Array, trained: string, shipped: string): Uint8Array {
  const alignment = loadAlignment(bytes)
  if (alignment.backbone === trained) return saveAlignment({ ...alignment, backbone: shipped })
  throw new TabError('INCOMPATIBLE', {
    where: path,
    expected: `an alignment of ${trained}`,
    actual: alignment.backbone,
  })
}
