import { firstNonFinite, TabError, type DetectorState } from '@tab/core'

/**
 * Refuses a state with NaN or infinity in a tensor: images scored with it might pass as good.
 * @throws INVALID_DATA naming the tensor
 */
export function assertFiniteTensors(where: string, { tensors }: DetectorState): void {
  for (const [name, { data }] of Object.entries(tensors)) {
    const at = firstNonFinite(data as ArrayLike<number>)
    if (at < 0) continue
    throw new TabError('INVALID_DATA', {
      where,
      expected: `finite numbers in "${name}"`,
      actual: `${data[at]} at ${at}`,
    })
  }
}
