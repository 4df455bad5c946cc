import { tensor, type Tensor } from '@tab/core'
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
  return tensor([places.length, height, width, 3], data)
}
