import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { TabError } from '@tab/core'

/** An image file: its path, its bytes, a `Blob` of them, or a `file:` or `data:` URL. A text is always a path. */
export type ImageFile = string | URL | Uint8Array | ArrayBuffer | Blob

/**
 * How messages call a file: by its path, or what else is known.
 * @example
 * ```ts
 * import { imageFileName } from '@tab/data/node'
 * console.log(imageFileName('line/1.png')) // line/1.png
 * ```
 */
export function imageFileName(file: ImageFile): string {
  if (typeof file === 'string') return file
  if (file instanceof URL)
    return file.protocol === 'file:' ? fileURLToPath(file) : `the image of a ${file.protocol} URL`
  if ('name' in file && typeof file.name === 'string') return file.name // a `File`
  const length = file instanceof Blob ? file.size : file.byteLength
  return `the image of ${length} bytes`
}

/**
 * The bytes of an image file.
 * @throws NOT_FOUND, INVALID_DATA naming the file; INVALID_ARGUMENT for a URL that would have to be fetched, or for something else
 */
export async function bytesOfImageFile(file: ImageFile, where: string): Promise<Buffer> {
  if (typeof file === 'string') return bytesAt(file, where)
  if (file instanceof URL) {
    if (file.protocol === 'file:') return bytesAt(fileURLToPath(file), where)
    if (file.protocol === 'data:') return bytesOfImageFile(await (await fetch(file)).arrayBuffer(), where)
    const expected = 'a file: or data: URL; fetch any other, and pass its bytes'
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: `${file.protocol}//${file.host}` })
  }
  if (isBlob(file)) return bytesOfImageFile(await file.arrayBuffer(), where)
  if (ArrayBuffer.isView(file)) return Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (Object.prototype.toString.call(file) === '[object ArrayBuffer]') return Buffer.from(file) // of any realm
  const actual = file === null ? 'null' : typeof file
  throw new TabError('INVALID_ARGUMENT', { where, expected: 'an image as path, URL, bytes or Blob', actual })
}

function isBlob(value: unknown): value is Blob {
  return (
    typeof value === 'object' && value !== null && 'arrayBuffer' in value && typeof value.arrayBuffer === 'function'
  )
}

async function bytesAt(path: string, where: string): Promise<Buffer> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') {
      // Node gives a byte that is not UTF-8 as U+FFFD, and no file has that name.
      const hint = path.includes('\ufffd') ? ' by this name, which is not UTF-8 on the disk: rename it' : ''
      throw new TabError('NOT_FOUND', { where, message: `${path} does not exist${hint}`, cause })
    }
    throw new TabError('INVALID_DATA', { where, message: `${path} cannot be read: ${reasonOf(cause)}`, cause })
  })
}

/** Why the system refused a path, in words. */
export function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  if (code === 'ELOOP') return 'it is a link that leads to itself'
  return message
}
