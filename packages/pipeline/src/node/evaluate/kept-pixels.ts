import { sizeOf, tensor, tensorOf, type Tensor } from '@tab/core'

/** Maps and masks of a whole test set, in memory. */
export interface KeptPixels {
  add(maps: Tensor, masks: Tensor<'uint8'>): void
  /** [N,H,W] of the images so far; views. */
  maps(): Tensor
  masks(): Tensor<'uint8'>
}

/** @param images at most so many will come */
export function keepPixels(images: number, [height, width]: readonly [number, number]): KeptPixels {
  const maps = new Float32Array(images * height * width)
  const masks = new Uint8Array(images * height * width)
  let count = 0
  const shape = (): number[] => [count, height, width]
  return {
    add(someMaps, someMasks) {
      maps.set(someMaps.data, sizeOf(shape()))
      masks.set(someMasks.data, sizeOf(shape()))
      count += someMaps.shape[0] as number
    },
    maps: () => tensor(shape(), maps.subarray(0, sizeOf(shape()))),
    masks: () => tensorOf('uint8', shape(), masks.subarray(0, sizeOf(shape()))),
  }
}
