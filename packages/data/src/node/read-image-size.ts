import type { Size } from '../resize.ts'
import { readingHeader } from './decode-image.ts'
import type { ImageFile } from './image-file.ts'

/**
 * The size of an image file, upright, without decoding its pixels.
 * @returns `[height, width]`
 * @throws NOT_FOUND, or INVALID_DATA if the file is not a readable image; both name the file
 * @example
 * ```ts
 * import { readImageSize } from '@tab/data/node'
 * console.log(await readImageSize('washers/test/dent/000.png')) // [ 64, 64 ]
 * ```
 */
export async function readImageSize(file: ImageFile): Promise<Size> {
  return readingHeader(file, 'readImageSize', async ({ size }) => size)
}
