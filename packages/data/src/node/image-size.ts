import { open } from 'node:fs/promises'
import type { Size } from '../resize.ts'
import { loadSharp } from './load-sharp.ts'

/**
 * The size of an image file by its header alone, with its EXIF orientation applied, as `readImage` returns it.
 * @throws an error of the system or the decoder, when the file cannot be read or is no image
 */
export async function readImageSize(path: string): Promise<Size> {
  const header = await readHeader(path)
  if (header.toString('latin1', 0, 2) === 'BM') return bitmapSize(header)
  const sharp = await loadSharp()
  const { width, height, orientation = 1 } = await sharp(path).metadata()
  return orientation < 5 ? [height, width] : [width, height] // from 5 on it is turned by a quarter
}

const HEADER = 26 // bytes up to and with the size of a BMP

async function readHeader(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER), 0, HEADER, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** By the DIB header: two 16-bit numbers in that of OS/2 1.x, 12 bytes; else 32-bit ones, a negative height being top-down. */
function bitmapSize(header: Buffer): Size {
  if (header.length < HEADER) throw new Error('a BMP header that is cut off')
  const old = header.readUInt32LE(14) === 12
  const [width, height] = old
    ? [header.readUInt16LE(18), header.readUInt16LE(20)]
    : [header.readInt32LE(18), Math.abs(header.readInt32LE(22))]
  if (width < 1 || height < 1) throw new Error(`a BMP of ${height} x ${width} pixels`)
  return [height, width]
}
