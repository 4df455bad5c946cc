import { tensor, type Tensor } from '@tab/core'
import { decodeImage } from './decode-image.ts'
import type { ImageFile } from './image-file.ts'

/**
 * Reads an image file, by its path or from its bytes: PNG, JPEG, BMP, TIFF (first page), WebP, GIF (first frame) or AVIF, whatever its name. EXIF orientation is
 * applied, grey is repeated over the channels, CMYK and embedded profiles are converted to sRGB, 16 bits are kept (divided by
 * 65535), and transparency is dropped, the colours behind it kept as they are stored. TIFF of 32-bit floats must be in [0,1], of
 * signed numbers from 0 on; those of whole numbers are divided by the largest of their type.
 * @returns [H,W,3], RGB in [0,1]
 * @throws NOT_FOUND, or INVALID_DATA when the file is no readable image; both name the file. INVALID_ARGUMENT for a URL that would have
 *   to be fetched
 */
export async function readImage(file: ImageFile): Promise<Tensor> {
  const { width, height, channels, data, maximum } = await decodeImage(file, 'readImage')
  const image = new Float32Array(width * height * 3)
  const grey = channels < 3
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image[i * 3 + c] = (data[i * channels + (grey ? 0 : c)] as number) / maximum
  }
  return tensor([height, width, 3], image)
}
