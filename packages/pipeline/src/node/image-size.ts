import type { Sample } from '@tab/data'
import { readImageSize } from '@tab/data/node'
import { USUAL_SIZE } from '../usual-size.ts'
import type { TilesSpec } from '../spec/tiles-spec.ts'

/**
 * `[height, width]` that images are resized to: as asked, or that of the first.
 * @param images good ones, at least one
 * @throws NOT_FOUND, INVALID_DATA naming the image whose size is asked for
 */
export async function imageSizeOf(
  {
    imageSize,
    tiles,
  }: {
    readonly imageSize?: readonly [number, number] | 'original' | undefined
    readonly tiles?: TilesSpec | undefined
  },
  images: readonly Sample[],
): Promise<readonly [number, number]> {
  if (imageSize !== undefined && imageSize !== 'original') return imageSize
  if (imageSize === undefined && tiles === undefined) return USUAL_SIZE
  return readImageSize((images[0] as Sample).path)
}
