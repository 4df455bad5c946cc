import { tensor, type Tensor } from '@tab/core'
import { decodeImage, type Pixels } from './decode-image.ts'
import type { ImageFile } from './image-file.ts'

/**
 * Reads an image file, by its path or from its bytes: PNG, JPEG, BMP, TIFF (first page), WebP, GIF (first frame) or AVIF, whatever its
 * name. EXIF orientation is applied, grey is repeated over the channels, CMYK and embedded profiles are converted to sRGB, 16 bits are kept (divided by
 * 65535), and transparency is dropped, keeping the stored colours. In TIFF, 32-bit floats must be in [0,1] and signed numbers must not
 * be negative; whole numbers are divided by the largest of their type.
 * @returns [H,W,3], RGB in [0,1]
 * @throws NOT_FOUND, or INVALID_DATA if the file is not a readable image; both name the file; INVALID_ARGUMENT for a URL that
 *   would have to be fetched
 * @example
 * ```ts
 * import { readImage } from '@tab/data/node'
 * const image = await readImage('washers/test/dent/000.png')
 * console.log(image.shape) // [ 64, 64, 3 ]
 * ```
 */
export async function readImage(file: ImageFile): Promise<Tensor> {
  return pixelsTensor(await decodeImage(file, 'readImage'))
}

/** Decoded pixels as an image [H,W,3] in [0,1]. */
export function pixelsTensor({ width, height, channels, data, maximum }: Pixels): Tensor {
  const image = new Float32Array(width * height * 3)
  const grey = channels < 3
  if (channels === 3 && data instanceof Uint8Array) {
    const levels = Float32Array.from({ length: 256 }, (_, level) => level / maximum)
    for (let i = 0; i < image.length; i++) image[i] = levels[data[i] as number] as number // a table is faster than a division
    return tensor([height, width, 3], image)
  }
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image[i * 3 + c] = (data[i * channels + (grey ? 0 : c)] as number) / maximum
  }
  return tensor([height, width, 3], image)
}
