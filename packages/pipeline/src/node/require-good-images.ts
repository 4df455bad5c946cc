import { TabError } from '@tab/core'
import { goodImagesOf, type Dataset, type Sample } from '@tab/data'

/**
 * The good training images of a data set.
 * @param where field of the spec that named the data set
 * @param path the data set, as the user wrote it
 * @throws INVALID_DATA where there are none
 */
export function requireGoodImages(dataset: Pick<Dataset, 'samples'>, where: string, path: string): readonly Sample[] {
  const good = goodImagesOf(dataset)
  if (good.length > 0) return good
  throw new TabError('INVALID_DATA', { where, expected: `good training images in ${path}`, actual: 'none' })
}
