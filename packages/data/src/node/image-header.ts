import type { Metadata } from 'sharp'
import type { Size } from '../resize.ts'
import { fileFormat, FORMAT_BYTES, type ImageFormat } from './image-format.ts'
import { loadSharp } from './load-sharp.ts'
import { assertPngHolds } from './png-size.ts'
import { tiffTags } from './tiff-tags.ts'

/** How pixels are stored and what their values mean. */
export interface PixelType {
  readonly depth: 'uchar' | 'ushort' | 'char' | 'short' | 'int' | 'uint' | 'float'
  /** The value of white; 0 is black. */
  readonly maximum: number
  /** Whether values may be invalid (negative or above white), which the header does not show. */
  readonly isChecked: boolean
}

/** The header of an image file that can be read. */
export interface ImageHeader {
  readonly format: ImageFormat
  /** With its EXIF orientation applied. */
  readonly size: Size
  readonly pixels: PixelType
  /** Whether the compression is lossy. */
  readonly isLossy: boolean
  /** The EXIF orientation, 1 to 8. */
  readonly orientation: number
  /** Whether pixels have a transparency. */
  readonly hasAlpha: boolean
  /** The colour space, as named by libvips. */
  readonly space: string
}

const MAXIMA = { uchar: 255, ushort: 65535, char: 127, short: 32767, int: 2 ** 31 - 1, uint: 2 ** 32 - 1, float: 1 }
const ORDINARY = ['uchar', 'ushort']
const PLAIN = ['b-w', 'grey16', 'srgb', 'rgb', 'rgb16', 'scrgb'] // spaces whose other depths are read as stored
const UNKNOWN = ['multiband', 'error', 'histogram', 'fourier', 'matrix'] // cannot be converted to sRGB
const LOSSLESS_TIFF = [1, 2, 3, 4, 5, 8, 32773, 32946, 34925, 50000] // none, CCITT, LZW, deflate, PackBits, LZMA, Zstandard
const TAG = { bits: 258, compression: 259, photometric: 262, orientation: 274, format: 339 }
const SAMPLE_FORMATS = [
  '',
  'unsigned',
  'signed',
  'floating point',
  'untyped',
  'complex signed',
  'complex floating point',
]

/**
 * Reads the header of an image file. Only this function decides which images are read: what it rejects, `readImage` rejects and
 * `checkDataset` reports.
 * @throws an error with the reason why the file is not read
 */
export async function imageHeader(bytes: Buffer): Promise<ImageHeader> {
  const format = fileFormat(bytes.subarray(0, FORMAT_BYTES))
  if (bytes.length === 0) throw new Error('the file is empty')
  if (!format?.isRead) {
    const found = format === undefined ? 'its first bytes match none of them' : `it is ${format.name}`
    throw new Error(`PNG, JPEG, BMP, TIFF, WebP, GIF and AVIF are read, but ${found}`)
  }
  if (format.name === 'BMP') return bitmapHeader(bytes)
  if (format.name === 'PNG') assertPngHolds(bytes)
  const tags = format.name === 'TIFF' ? tiffTags(bytes) : undefined
  if (tags) refuseTiff(tags)
  const sharp = await loadSharp()
  const found = await sharp(bytes).metadata()
  const pixels = pixelType(found)
  if (tags && pixels.depth === 'float' && tags.get(TAG.photometric) === 0) {
    throw new Error('floating-point TIFF in which 0 is white is not read')
  }
  const { width, height, orientation = 1, space, hasAlpha } = found
  return {
    format: format.name as ImageFormat,
    size: orientation < 5 ? [height, width] : [width, height], // from 5 on, a quarter turn
    pixels,
    isLossy: isLossy(format.name as ImageFormat, bytes, tags),
    orientation,
    space,
    hasAlpha,
  }
}

/** Rejects what libvips reads wrongly, or rejects without a clear reason. */
function refuseTiff(tags: ReadonlyMap<number, number>): void {
  const orientation = tags.get(TAG.orientation) ?? 1
  if (orientation < 1 || orientation > 8)
    throw new Error(`TIFF with the invalid orientation ${orientation} is not read`)
  const bits = tags.get(TAG.bits) ?? 1
  const format = tags.get(TAG.format) ?? 1
  const isFloat = format === 3
  if (isFloat ? bits === 32 : format < 5 && [1, 2, 4, 8, 16, 32].includes(bits)) return
  const kind = SAMPLE_FORMATS[format] ?? `format ${format}`
  throw new Error(
    `TIFF with ${bits}-bit ${kind} samples is not read; 1, 2, 4, 8, 16 or 32-bit whole numbers and 32-bit floats are`,
  )
}

function pixelType({ depth, space }: Metadata): PixelType {
  if (!Object.hasOwn(MAXIMA, depth)) throw new Error(`pixels of type ${depth} are not read`)
  const known = depth as PixelType['depth']
  const isOrdinary = ORDINARY.includes(depth)
  if (UNKNOWN.includes(space) || (!isOrdinary && !PLAIN.includes(space))) {
    throw new Error(`pixels of type ${depth} in the colour space ${space} are not read`)
  }
  return { depth: known, maximum: MAXIMA[known], isChecked: !isOrdinary && depth !== 'uint' }
}

/** JPEG, AVIF, WebP with a chunk of lossy pixels, and TIFF with a compression that is not known to be lossless. */
function isLossy(format: ImageFormat, bytes: Buffer, tags: ReadonlyMap<number, number> | undefined): boolean {
  if (tags) return !LOSSLESS_TIFF.includes(tags.get(TAG.compression) ?? 1)
  if (format === 'WebP') return hasLossyChunk(bytes)
  return format === 'JPEG' || format === 'AVIF'
}

/** Whether a WebP file, still or animated (`ANMF`, whose chunks begin 24 bytes in), holds pixels as lossy `VP8 `. */
function hasLossyChunk(bytes: Buffer): boolean {
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4)
    if (name === 'VP8 ') return true
    if (name === 'VP8L') return false
    const length = bytes.readUInt32LE(at + 4)
    at += name === 'ANMF' ? 24 : 8 + length + (length % 2)
  }
  return false
}

const BMP_HEADER = 34 // bytes up to and including the compression
const BMP_BITS = [1, 2, 4, 8, 16, 24, 32]
const MOST_PIXELS = 0x3fff ** 2 // of libvips, for other formats

/** From the DIB header: two 16-bit numbers in the 12 bytes of OS/2 1.x; otherwise 32-bit numbers, where a negative height means top-down. */
function bitmapHeader(bytes: Buffer): ImageHeader {
  const old = bytes.length >= 18 && bytes.readUInt32LE(14) === 12
  if (bytes.length < (old ? 26 : BMP_HEADER)) throw new Error('the BMP header is truncated')
  const [width, height] = old
    ? [bytes.readUInt16LE(18), bytes.readUInt16LE(20)]
    : [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))]
  if (width < 1 || height < 1) throw new Error(`a BMP of ${height} x ${width} pixels`)
  const bits = bytes.readUInt16LE(old ? 24 : 28)
  const compression = old ? 0 : bytes.readUInt32LE(30)
  if (!BMP_BITS.includes(bits) || compression > 3) {
    throw new Error(`BMP with ${bits} bits per pixel and compression ${compression} is not read`)
  }
  // Without compression every pixel has its bits; with it a row can be a few bytes, so only the limit that libvips has holds.
  const isPlain = compression === 0 || compression === 3
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  const least = isPlain ? (height - 1) * rowBytes + Math.ceil((width * bits) / 8) : 0
  if (least > bytes.length || width * height > MOST_PIXELS) {
    throw new Error(`its header says ${height} x ${width} pixels, more than a BMP of ${bytes.length} bytes can hold`)
  }
  const pixels: PixelType = { depth: 'uchar', maximum: 255, isChecked: false }
  return {
    format: 'BMP',
    size: [height, width],
    pixels,
    isLossy: false,
    orientation: 1,
    space: 'srgb',
    hasAlpha: false,
  }
}
