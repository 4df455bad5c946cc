import { readFile } from 'node:fs/promises'
import { isTabError, TabError, tensor, tensorOf, type Tensor } from '@tab/core'
import { loadSharp } from './load-sharp.ts'

/** Decoded pixels, interleaved. */
interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: Uint8Array | Uint16Array
  /** Value of white. */
  readonly maximum: number
  /** Whether the file keeps its pixels only nearly. */
  readonly lossy: boolean
}

/**
 * Reads an image file: PNG, JPEG, BMP, TIFF (first page), WebP and what else sharp reads. EXIF orientation is applied, grey
 * is repeated over the channels, CMYK and embedded profiles are converted to sRGB, 16 bits are kept (divided by 65535), and
 * transparency is dropped, the colours behind it kept as they are stored.
 * @returns [H,W,3], RGB in [0,1]
 * @throws NOT_FOUND, or INVALID_DATA when the file is no readable image; both name the file
 */
export async function readImage(path: string): Promise<Tensor> {
  const { width, height, channels, data, maximum } = await decode(path, 'readImage')
  const image = new Float32Array(width * height * 3)
  const grey = channels < 3
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image[i * 3 + c] = (data[i * channels + (grey ? 0 : c)] as number) / maximum
  }
  return tensor([height, width, 3], image)
}

/**
 * Reads a ground truth mask: 1 where any colour channel is not 0. Of a lossy file (JPEG, lossy WebP), whose black is not quite
 * black, 1 where any channel is at least half of white.
 * @returns [H,W]
 * @throws NOT_FOUND, or INVALID_DATA when the file is no readable image; both name the file
 */
export async function readMask(path: string): Promise<Tensor<'uint8'>> {
  const { width, height, channels, data, maximum, lossy } = await decode(path, 'readMask')
  const least = lossy ? maximum / 2 : 1
  const mask = new Uint8Array(width * height)
  const colors = channels < 3 ? 1 : 3
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < colors; c++) if ((data[i * channels + c] as number) >= least) mask[i] = 1
  }
  return tensorOf('uint8', [height, width], mask)
}

async function decode(path: string, where: string): Promise<Pixels> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new TabError('NOT_FOUND', { where, message: `${path} does not exist`, cause })
    throw new TabError('INVALID_DATA', { where, message: `${path} cannot be read: ${cause.message}`, cause })
  })
  try {
    return bytes[0] === 0x42 && bytes[1] === 0x4d ? await decodeBmp(bytes) : await decodeBySharp(bytes)
  } catch (cause) {
    if (isTabError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('INVALID_DATA', { where, message: `${path} is not a readable image: ${reason}`, cause })
  }
}

async function decodeBySharp(bytes: Buffer): Promise<Pixels> {
  const sharp = await loadSharp()
  const image = sharp(bytes, { failOn: 'error' }).rotate()
  const { depth, space } = await image.metadata()
  if (depth !== 'uchar' && depth !== 'ushort') throw new Error(`pixels of 8 or 16 bits are read, not ${depth}`)
  const deep = depth === 'ushort' || space === 'rgb16' || space === 'grey16'
  const { data, info } = await image
    .toColourspace(deep ? (space === 'grey16' ? 'grey16' : 'rgb16') : space === 'b-w' ? 'b-w' : 'srgb')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const pixels = deep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data
  return { width, height, channels, data: pixels, maximum: deep ? 65535 : 255, lossy: isLossy(bytes) }
}

/** sharp has no BMP; libnsbmp, compiled to WebAssembly, reads every depth and refuses headers that lie. */
async function decodeBmp(bytes: Uint8Array): Promise<Pixels> {
  const { decode: decodeBitmap } = await import('@cwasm/nsbmp')
  const { width, height, data } = decodeBitmap(bytes)
  return { width, height, channels: 4, data: new Uint8Array(data), maximum: 255, lossy: false }
}

/** JPEG by its first bytes; WebP by its chunk of lossy pixels, which comes first but for a header and a profile. */
function isLossy(bytes: Buffer): boolean {
  if (bytes.readUInt16BE(0) === 0xffd8) return true
  return bytes.toString('latin1', 8, 12) === 'WEBP' && bytes.includes('VP8 ')
}
