import { TabError, type Tensor } from '@tab/core'

/**
 * Checks that the values of an image, or of a batch of them, are in [0,1]: one in 0..255 would go on as plain white.
 * @throws INVALID_ARGUMENT naming the first that is not, NaN among them
 */
export function assertPixels(where: string, { data }: Tensor): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number
    if (value >= 0 && value <= 1) continue
    const expected = 'image values must be in [0,1]'
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: `${value} at element ${i}` })
  }
}
