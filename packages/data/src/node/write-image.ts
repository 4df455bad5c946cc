import { assertPixels, assertTensor, type Tensor } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import { toLevels } from '../to-levels.ts'
import { loadSharp } from './load-sharp.ts'

/**
 * Writes an image [H,W,3] in [0,1] as an 8-bit PNG; no partial file remains after an error.
 * @throws INVALID_ARGUMENT for another shape or values outside [0,1]
 * @example
 * ```ts
 * import { syntheticParts } from '@tab/data'
 * import { readImage, writeImage } from '@tab/data/node'
 * const { image } = syntheticParts({ part: 'fabric', size: [64, 64], seed: 1 }).normal(0)
 * await writeImage('fabric.png', image)
 * console.log((await readImage('fabric.png')).data.every((value, i) => value === image.data[i])) // true
 * ```
 */
export async function writeImage(path: string, image: Tensor): Promise<void> {
  assertTensor('writeImage', 'image', image, ['H', 'W', 3])
  assertPixels('writeImage', image.data)
  await writePng(path, toLevels(image.data), image.shape, 3)
}

/**
 * Writes a mask [H,W] as a PNG, 255 on the defect; no partial file remains after an error.
 * @example
 * ```ts
 * import { tensorOf } from '@tab/core'
 * import { readMask, writeMask } from '@tab/data/node'
 * await writeMask('mask.png', tensorOf('uint8', [1, 2], Uint8Array.of(0, 1)))
 * console.log((await readMask('mask.png')).data) // Uint8Array(2) [ 0, 1 ]
 * ```
 */
export async function writeMask(path: string, mask: Tensor<'uint8'>): Promise<void> {
  assertTensor('writeMask', 'mask', mask, ['H', 'W'], 'uint8')
  await writePng(
    path,
    mask.data.map((value) => (value === 0 ? 0 : 255)),
    mask.shape,
    1,
  )
}

async function writePng(
  path: string,
  data: Uint8Array | Uint8ClampedArray,
  shape: readonly number[],
  channels: 1 | 3,
): Promise<void> {
  const [height, width] = shape as [number, number]
  const sharp = await loadSharp()
  await writeAtomically(path, (temporary) =>
    sharp(data, { raw: { width, height, channels } }).png({ compressionLevel: 4 }).toFile(temporary),
  )
}
