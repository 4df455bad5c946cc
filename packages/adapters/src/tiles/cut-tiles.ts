import { tensor, tensorOf, type Tensor } from '@tab/core'
import { originOf, withOrigins } from '../normal-images/image-origins.ts'
import { withinOf, withMasks } from '../within/masked-images.ts'
import type { TilePlace, Tiling } from './plan-tiles.ts'

/**
 * Copies tiles out of an image of a batch.
 * @param images [N,H,W,3]
 * @returns [T,h,w,3]
 */
export function cutTiles(images: Tensor, image: number, { size }: Tiling, places: readonly TilePlace[]): Tensor {
  const [, imageHeight, imageWidth] = images.shape as [number, number, number]
  const [height, width] = size
  const data = new Float32Array(places.length * height * width * 3)
  places.forEach(({ top, left }, tile) => {
    for (let y = 0; y < height; y++) {
      const from = ((image * imageHeight + top + y) * imageWidth + left) * 3
      data.set(images.data.subarray(from, from + width * 3), (tile * height + y) * width * 3)
    }
  })
  const pixels = tensor([places.length, height, width, 3], data)
  const origin = originOf(images, image)
  const tiles = origin
    ? withOrigins(
        pixels,
        places.map(({ top, left }) => [origin[0], origin[1] + top, origin[2] + left]),
      )
    : pixels
  const within = cutMasks(images, image, { size }, places)
  return within ? withMasks(tiles, within) : tiles
}

/** The masks of tiles; undefined where all pixels of the images count. */
function cutMasks(
  images: Tensor,
  image: number,
  { size }: Pick<Tiling, 'size'>,
  places: readonly TilePlace[],
): Tensor<'uint8'> | undefined {
  const within = withinOf(images)
  if (!within) return undefined
  const [, imageHeight, imageWidth] = images.shape as [number, number, number]
  const [height, width] = size
  const data = new Uint8Array(places.length * height * width)
  places.forEach(({ top, left }, tile) => {
    for (let y = 0; y < height; y++) {
      const from = (image * imageHeight + top + y) * imageWidth + left
      data.set(within.data.subarray(from, from + width), (tile * height + y) * width)
    }
  })
  return tensorOf('uint8', [places.length, height, width], data)
}

/** Those of some tiles of an image in which any pixel counts. */
export function tilesWithin(
  images: Tensor,
  image: number,
  { size }: Tiling,
  places: readonly TilePlace[],
): TilePlace[] {
  const within = withinOf(images)
  if (!within) return [...places]
  const [, imageHeight, imageWidth] = images.shape as [number, number, number]
  return places.filter(({ top, left }) => {
    for (let y = top; y < top + size[0]; y++) {
      const from = (image * imageHeight + y) * imageWidth + left
      if (within.data.subarray(from, from + size[1]).includes(1)) return true
    }
    return false
  })
}
