import { isTabError, TabError } from '@tab/core'
import type { Preparation } from '../prepare-image.ts'
import type { ResizeFilter, Size } from '../resize.ts'
import { imageHeader, type ImageHeader } from './image-header.ts'
import { bytesOfImageFile, imageFileName, type ImageFile } from './image-file.ts'
import { loadSharp } from './load-sharp.ts'

/** Decoded pixels, interleaved. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: Uint8Array | Uint16Array | Float64Array
  /** The value of white. */
  readonly maximum: number
  /** Whether the compression is lossy. */
  readonly isLossy: boolean
}

/**
 * Reads and decodes an image file.
 * @throws NOT_FOUND, or INVALID_DATA if it cannot be read; the message names the file, its `cause` gives only the reason
 */
export async function decodeImage(file: ImageFile, where: string): Promise<Pixels> {
  return readingHeader(file, where, async (header, bytes) => {
    if (header.format === 'BMP') return decodeBmp(bytes)
    return header.pixels.depth === 'uchar' || header.pixels.depth === 'ushort'
      ? decodeOrdinary(bytes, header)
      : decodeNumbers(bytes, header)
  })
}

/**
 * Reads what `read` makes of a file and its header.
 * @throws as {@link decodeImage}
 */
export async function readingHeader<T>(
  file: ImageFile,
  where: string,
  read: (header: ImageHeader, bytes: Buffer) => Promise<T>,
): Promise<T> {
  const bytes = await bytesOfImageFile(file, where)
  try {
    return await read(await imageHeader(bytes), bytes)
  } catch (cause) {
    if (isTabError(cause)) throw cause // sharp is not installed
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('INVALID_DATA', {
      where,
      message: `${imageFileName(file)} is not a readable image: ${reason}`,
      cause,
    })
  }
}

/**
 * Reads an image file and resizes it as it is decoded, by libvips.
 * @returns undefined where it would not become smaller, or is of pixels that libvips would clip, or weigh by their transparency
 * @throws as {@link decodeImage}
 */
export async function decodeResized(
  file: ImageFile,
  where: string,
  { size, filter = 'bilinear' }: Preparation,
): Promise<{ readonly image: Pixels; readonly original: Size } | undefined> {
  return readingHeader(file, where, async (header, bytes) => {
    const { size: original, pixels, format, hasAlpha } = header
    const isOrdinary = pixels.depth === 'uchar' || pixels.depth === 'ushort'
    const isSmaller = size[0] <= original[0] && size[1] <= original[1] && size[0] * size[1] < original[0] * original[1]
    if (format === 'BMP' || hasAlpha || !isOrdinary || !isSmaller) return undefined
    return { image: await decodeOrdinary(bytes, header, { size, filter }), original }
  })
}

async function decodeOrdinary(
  bytes: Buffer,
  { pixels: { depth }, space, isLossy }: ImageHeader,
  resize?: { readonly size: Size; readonly filter: ResizeFilter },
): Promise<Pixels> {
  const sharp = await loadSharp()
  const deep = depth === 'ushort' || space === 'rgb16' || space === 'grey16'
  let image = sharp(bytes, { failOn: 'error' }).rotate()
  if (resize) {
    const [height, width] = resize.size
    const kernel = resize.filter === 'bilinear' ? 'linear' : 'lanczos3'
    image = image.resize({ width, height, fit: 'fill', kernel, fastShrinkOnLoad: false })
  }
  const { data, info } = await image
    .toColourspace(deep ? (space === 'grey16' ? 'grey16' : 'rgb16') : space === 'b-w' ? 'b-w' : 'srgb')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const pixels = deep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data
  return { width, height, channels, data: pixels, maximum: deep ? 65535 : 255, isLossy }
}

/**
 * Floating point, signed and 32-bit pixels, as stored: libvips would clip them when it converts to sRGB or rotates.
 * 0 is black (TIFF 6.0, `BlackIsZero`) and the largest value of the type is white; other values are invalid.
 */
async function decodeNumbers(bytes: Buffer, { pixels, space, orientation, isLossy }: ImageHeader): Promise<Pixels> {
  const sharp = await loadSharp()
  // Its 16-bit grey is unsigned, so signed numbers are shifted before the conversion.
  const lift = pixels.depth === 'short' && space === 'grey16' ? 32768 : 0
  const image = sharp(bytes, { failOn: 'error' })
  const { data, info } = await (lift === 0 ? image : image.linear([1], [lift]))
    .toColourspace(space === 'rgb' ? 'srgb' : space)
    .raw({ depth: 'double' })
    .toBuffer({ resolveWithObject: true })
  const copy = Uint8Array.from(data) // aligned to 8 bytes
  const values = new Float64Array(copy.buffer).map((value) => value - lift)
  const { channels } = info
  if (pixels.isChecked) checkRange(values, channels, pixels.maximum)
  const turned = orient(values, info.height, info.width, channels, orientation)
  return { ...turned, channels, maximum: pixels.maximum, isLossy }
}

function checkRange(values: Float64Array, channels: number, maximum: number): void {
  let [low, high] = [Infinity, -Infinity]
  const colors = channels < 3 ? 1 : 3
  values.forEach((value, index) => {
    if (index % channels >= colors) return // transparency
    if (!Number.isFinite(value)) throw new Error(`a pixel is ${value}`)
    if (value < low) low = value
    if (value > high) high = value
  })
  if (low >= 0 && high <= maximum) return
  throw new Error(`pixels of this type must be in 0 (black) to ${maximum} (white), but are in ${low} to ${high}`)
}

/** Turns and mirrors pixels according to EXIF. */
function orient(
  data: Float64Array,
  height: number,
  width: number,
  channels: number,
  orientation: number,
): { data: Float64Array; height: number; width: number } {
  if (orientation < 2 || orientation > 8) return { data, height, width }
  const [rows, columns] = orientation < 5 ? [height, width] : [width, height]
  const turned = new Float64Array(data.length)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [a, b] = orientation < 5 ? [y, x] : [x, y] // in the stored picture, before mirroring
      const row = [3, 4, 6, 7].includes(orientation) ? height - 1 - a : a
      const column = [2, 3, 7, 8].includes(orientation) ? width - 1 - b : b
      for (let c = 0; c < channels; c++) {
        turned[(y * columns + x) * channels + c] = data[(row * width + column) * channels + c] as number
      }
    }
  }
  return { data: turned, height: rows, width: columns }
}

/** sharp cannot read BMP; libnsbmp, compiled to WebAssembly, reads every depth and rejects inconsistent headers. */
async function decodeBmp(bytes: Uint8Array): Promise<Pixels> {
  const { decode: decodeBitmap } = await import('@cwasm/nsbmp')
  const { width, height, data } = decodeBitmap(bytes)
  return { width, height, channels: 4, data: new Uint8Array(data), maximum: 255, isLossy: false }
}
