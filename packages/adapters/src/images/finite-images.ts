import { TabError, type Tensor } from '@tab/core'

const { isFinite } = Number

/**
 * Refuses a NaN or infinite pixel of images [N,H,W,3]: its features would be NaN, near to nothing and far from nothing.
 * @throws NUMERICAL naming the image
 */
export function assertFinitePixels(where: string, images: Tensor): void {
  const { data, shape } = images
  for (let i = 0; i < data.length; i++) {
    if (isFinite(data[i] as number)) continue
    const pixels = (shape[1] as number) * (shape[2] as number) * 3
    throw new TabError('NUMERICAL', {
      where,
      expected: 'pixels must be finite',
      actual: `${data[i]} in image ${Math.floor(i / pixels)}`,
    })
  }
}
