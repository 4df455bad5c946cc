import { TabError, tensorOf, type Tensor } from '@tab/core'
import { polygonMask, prepareMask, type Polygon, type Preparation } from '@tab/data'

/** A part of images: polygons in pixels, or a mask [H,W] of the size of the images as they are passed in. */
export type Area = readonly Polygon[] | Tensor<'uint8'>

/** Which part of images is looked at. */
export interface WhereToLook {
  /** Pixels that count. Default: all. */
  readonly region?: Area | undefined
  /** Pixels that do not, also of the region. Default: none. */
  readonly ignore?: Area | undefined
}

/**
 * The mask of the pixels that count in prepared images; undefined where all do.
 * @param original `[height, width]` of the images that areas are drawn on
 * @returns [H,W] of a prepared image
 * @throws INVALID_ARGUMENT for a mask of another size, or where nothing is left to look at
 */
export function regionMask(
  where: string,
  { region, ignore }: WhereToLook,
  preparation: Preparation,
  original: readonly [number, number],
): Tensor<'uint8'> | undefined {
  if (!region && !ignore) return undefined
  const inside = region && areaMask(`${where}.region`, region, original)
  const outside = ignore && areaMask(`${where}.ignore`, ignore, original)
  const counts = Uint8Array.from({ length: original[0] * original[1] }, (_, at) =>
    (inside?.data[at] ?? 1) !== 0 && (outside?.data[at] ?? 0) === 0 ? 1 : 0,
  )
  const mask = prepareMask(tensorOf('uint8', original, counts), preparation)
  if (mask.data.includes(1)) return mask
  const actual = region && ignore ? 'none outside of what is ignored' : 'none'
  throw new TabError('INVALID_ARGUMENT', {
    where: `${where}.${region ? 'region' : 'ignore'}`,
    expected: `pixels to look at in images of ${original.join(' x ')}`,
    actual,
  })
}

function areaMask(where: string, area: Area, original: readonly [number, number]): Tensor<'uint8'> {
  if (!('dtype' in area)) return polygonMask(area, original)
  if (area.shape.join() === original.join()) return area
  const expected = `a mask of the size of the images, ${original.join(' x ')}`
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: area.shape.join(' x ') })
}
