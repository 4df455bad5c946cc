import { tensorOf, type Tensor } from '@tab/core'

/** Images [N,H,W,3] of which it is known which good images they are, or parts of which. */
export interface NumberedImages extends Tensor {
  /** Of each image, [N,3]: the number of the good image, and the row and column in it where this one begins. */
  readonly origins: Tensor<'int32'>
}

/** What stands for an image of which nothing is known. */
const UNKNOWN = [-1, -1, -1] as const

/** Images with what they are beside them. */
export function withOrigins(images: Tensor, origins: readonly (readonly [number, number, number])[]): NumberedImages {
  return { ...images, origins: tensorOf('int32', [origins.length, 3], Int32Array.from(origins.flat())) }
}

/**
 * Whole good images with their numbers, so that a memory bank knows what its patches are of.
 * @param images [N,H,W,3]
 * @param numbers of each
 * @example
 * ```ts
 * import { numberedImages } from '@tab/adapters'
 * import { tensor } from '@tab/core'
 *
 * const images = numberedImages(tensor([2, 8, 8, 3], new Float32Array(384)), [4, 7])
 * console.log(images.shape, [...images.origins.data]) // [ 2, 8, 8, 3 ] [ 4, 0, 0, 7, 0, 0 ]
 * ```
 */
export function numberedImages(images: Tensor, numbers: readonly number[]): NumberedImages {
  return withOrigins(
    images,
    numbers.map((number) => [number, 0, 0]),
  )
}

/** What an image of a batch is; undefined where that is not known. */
export function originOf(images: Tensor, image: number): readonly [number, number, number] | undefined {
  const { origins } = images as Partial<NumberedImages>
  if (!origins) return undefined
  const [number, top, left] = origins.data.subarray(image * 3, image * 3 + 3) as unknown as [number, number, number]
  return number < 0 ? undefined : [number, top, left]
}

/** The origins of all images of a batch. */
export function originsOf(images: Tensor): readonly (readonly [number, number, number])[] {
  return Array.from({ length: images.shape[0] as number }, (_, image) => originOf(images, image) ?? UNKNOWN)
}

/**
 * Of each cell of a grid over images, the good image and the pixel in its middle.
 * @returns [N * rows * columns, 3], -1 where it is not known
 */
export function cellOrigins(images: Tensor, [rows, columns]: readonly [number, number]): Tensor<'int32'> {
  const [count, height, width] = images.shape as [number, number, number]
  const data = new Int32Array(count * rows * columns * 3).fill(-1)
  for (let image = 0; image < count; image++) {
    const origin = originOf(images, image)
    if (!origin) continue
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const [down, across] = [Math.floor(((y + 0.5) * height) / rows), Math.floor(((x + 0.5) * width) / columns)]
        data.set([origin[0], origin[1] + down, origin[2] + across], ((image * rows + y) * columns + x) * 3)
      }
    }
  }
  return tensorOf('int32', [count * rows * columns, 3], data)
}
