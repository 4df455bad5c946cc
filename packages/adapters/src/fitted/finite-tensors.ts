import { TabError, type DetectorState } from '@tab/core'

/**
 * Refuses a state with NaN or infinity in a tensor: what is scored with it may come out as good.
 * @throws INVALID_DATA naming the tensor
 */
export function assertFiniteTensors(where: string, { tensors }: DetectorState): void {
  for (const [name, { data }] of Object.entries(tensors)) {
    for (let i = 0; i < data.length; i++) {
      const value = data[i] as number
      if (value - value === 0) continue
      throw new TabError('INVALID_DATA', { where, expected: `finite numbers in "${name}"`, actual: `${value} at ${i}` })
    }
  }
}
