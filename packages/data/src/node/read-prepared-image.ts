import type { Tensor } from '@tab/core'
import { centerCrop, type Size } from '../resize.ts'
import { prepareImage, type Preparation } from '../prepare-image.ts'
import { decodeImage, decodeResized } from './decode-image.ts'
import type { ImageFile } from './image-file.ts'
import { pixelsTensor } from './read-image.ts'

/** An image as a network sees it, and the size that it had. */
export interface ReadPreparedImage {
  /** [height,width,3] in [0,1] */
  readonly image: Tensor
  /** `[height, width]` of the file, upright. */
  readonly original: Size
}

/**
 * Reads an image file and prepares it. With `reading: 'fast'`, libvips resizes while it decodes, in a thread of its own: 8-bit levels of about
 * the same values, tens of times as fast for large photographs. Files that it would not make smaller, those with other than 8 or 16 bits or with
 * transparency, are read exactly.
 * @throws as `readImage` and `prepareImage`, naming the file
 * @example
 * ```ts
 * import { readPreparedImage } from '@tab/data/node'
 * const { image, original } = await readPreparedImage('washers/test/dent/000.png', { size: [32, 32], reading: 'fast' })
 * console.log(image.shape, original) // [ 32, 32, 3 ] [ 64, 64 ]
 * ```
 */
export async function readPreparedImage(
  file: ImageFile,
  preparation: Preparation,
  where = 'readPreparedImage',
): Promise<ReadPreparedImage> {
  if (preparation.reading === 'fast') {
    const resized = await decodeResized(file, where, preparation)
    if (resized) {
      const { image, original } = resized
      const pixels = pixelsTensor(image)
      return { image: preparation.crop ? centerCrop(pixels, preparation.crop) : pixels, original }
    }
  }
  const pixels = pixelsTensor(await decodeImage(file, where))
  const [height, width] = pixels.shape as [number, number, number]
  return { image: prepareImage(pixels, preparation), original: [height, width] }
}
