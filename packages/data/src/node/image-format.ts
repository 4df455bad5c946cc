/** The image formats that are read. */
export type ImageFormat = 'PNG' | 'JPEG' | 'BMP' | 'TIFF' | 'WebP' | 'GIF' | 'AVIF'

/** The format of a file by its first bytes. */
export interface FileFormat {
  /** `PNG`, `HEIC`, ... */
  readonly name: string
  /** Whether this format is read: an {@link ImageFormat}. */
  readonly isRead: boolean
}

/** The number of first bytes of a file that {@link fileFormat} needs. */
export const FORMAT_BYTES = 64

const AVIF = ['avif', 'avis']
const HEIC = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs']

/** The image format of a file by its first bytes; undefined if it is not known. */
export function fileFormat(bytes: Buffer): FileFormat | undefined {
  const read = readFormat(bytes)
  if (read !== undefined) return { name: read, isRead: true }
  const other = otherFormat(bytes)
  return other === undefined ? undefined : { name: other, isRead: false }
}

function readFormat(bytes: Buffer): ImageFormat | undefined {
  const text = bytes.toString('latin1', 0, 12)
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG'
  if (text.startsWith('\xff\xd8\xff')) return 'JPEG'
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'GIF'
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'TIFF'
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'WebP'
  if (brands(bytes).some((brand) => AVIF.includes(brand))) return 'AVIF'
  // Two letters prove little, so the header must also say where its pixels begin.
  if (text.startsWith('BM') && bytes.length >= 18 && bytes.readUInt32LE(14) <= 256) return 'BMP'
  return undefined
}

function otherFormat(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1')
  if (brands(bytes).some((brand) => HEIC.includes(brand) || brand === 'mif1')) return 'HEIC'
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL ')) return 'JPEG XL'
  if (text.startsWith('\0\0\0\x0cjP  ')) return 'JPEG 2000'
  if (text.startsWith('8BPS')) return 'Photoshop'
  if (text.startsWith('v/1\x01')) return 'OpenEXR'
  if (/^P[1-6]\s/.test(text)) return 'Netpbm'
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--.*-->\s*)?<(!DOCTYPE )?svg/i.test(text)) return 'SVG'
  return undefined
}

/** The brands of a file of ISO boxes, such as HEIC and AVIF: the major brand and the compatible ones. */
function brands(bytes: Buffer): string[] {
  if (bytes.length < 16 || bytes.toString('latin1', 4, 8) !== 'ftyp') return []
  const end = Math.min(bytes.readUInt32BE(0), bytes.length)
  const found = [bytes.toString('latin1', 8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) found.push(bytes.toString('latin1', at, at + 4))
  return found
}
