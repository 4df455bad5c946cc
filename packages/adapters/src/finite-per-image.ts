import { firstNonFinite, TabError, type Tensor } from '@tab/core'

/**
 * Refuses NaN and infinity: NaN is above no threshold, so the image would pass as good.
 * @param values [N,...], one entry per image
 * @throws NUMERICAL naming the image
 */
export function assertFinitePerImage(where: string, name: string, { data, shape }: Tensor): void {
  const at = firstNonFinite(data)
  if (at < 0) return
  const image = Math.floor((at * (shape[0] as number)) / data.length)
  throw new TabError('NUMERICAL', {
    where,
    expected: `${name} must be finite`,
    actual: `${data[at]} for image ${image}`,
  })
}
