import { extname } from 'node:path'

const READ = /\.(png|jpe?g|bmp|tiff?|webp|gif|avif)$/i

const RAW = ['3fr', 'arw', 'cr2', 'cr3', 'crw', 'dng', 'erf', 'nef', 'nrw', 'orf', 'pef', 'raf', 'raw', 'rw2', 'srw']
const NOT_READ = new Set(
  [
    'heic',
    'heif',
    'hif',
    'jxl',
    'jp2',
    'j2k',
    'jpx',
    'jfif',
    'jpe',
    'apng',
    'svg',
    'svgz',
    'psd',
    'psb',
    'xcf',
    'ai',
    'eps',
  ]
    .concat(['exr', 'hdr', 'pfm', 'fits', 'fit', 'dcm', 'pgm', 'ppm', 'pbm', 'pnm', 'tga', 'dds', 'ico', 'cur', 'pcx'])
    .concat(['webm', 'mp4', 'mov', 'avi', 'mkv', 'npy', 'npz', 'mat'])
    .concat(RAW),
)

/** The name of the file by which a command marks a folder as its output. */
export const OUTPUT_MARK = '.tab-output'

/** Folders that operating systems and archivers create. */
const SYSTEM = new Set(['__MACOSX', 'lost+found', '$RECYCLE.BIN', 'System Volume Information'])

/**
 * Whether a file name has the suffix of an image format that is read: PNG, JPEG, BMP, TIFF, WebP, GIF or AVIF, in any case.
 * @example
 * ```ts
 * import { isImageName } from '@tab/data/node'
 * console.log(isImageName('part.JPG'), isImageName('notes.txt')) // true false
 * ```
 */
export function isImageName(name: string): boolean {
  return READ.test(name)
}

/**
 * Whether every listing leaves out a file or folder, because its name begins with a dot.
 * @example
 * ```ts
 * import { isHidden } from '@tab/data/node'
 * console.log(isHidden('.DS_Store'), isHidden('part.png')) // true false
 * ```
 */
export function isHidden(name: string): boolean {
  return name.startsWith('.')
}

/** Whether a folder belongs to the operating system or an archiver and holds none of the user's files. */
export function isSystemFolder(name: string): boolean {
  return SYSTEM.has(name)
}

/** Whether a file name has no suffix, so that its first bytes must say what it is. */
export function hasNoSuffix(name: string): boolean {
  return extname(name).length < 2
}

/** The suffix, in lower case, of a known picture format that is not read (HEIC, camera raw, SVG, ...); undefined for other names. */
export function unreadSuffix(name: string): string | undefined {
  const suffix = extname(name).slice(1).toLowerCase()
  return NOT_READ.has(suffix) ? suffix : undefined
}

/** A file name without its last suffix. */
export function stem(name: string): string {
  return name.replace(/\.[^.]*$/, '')
}

/**
 * A name in one Unicode form (NFC), for comparisons: systems and archives store `Ö` as one character or as two.
 */
export function comparable(name: string): string {
  return name.normalize('NFC')
}
