import { TabError, type Tensor } from '@tab/core'
import { imageFromSource, type BrowserImageSource } from './image-from-source.ts'

/** An image file in a browser: a `Blob` (a `File` is one), its bytes, or its address. */
export type BrowserImageFile = Blob | Uint8Array | ArrayBuffer | URL | string

/**
 * Decodes an image file by the browser's own decoders, EXIF orientation applied; what is decoded already is taken as
 * {@link imageFromSource} takes it.
 * @returns [H,W,3], RGB in [0,1]
 * @throws NOT_FOUND for an address without a file, INVALID_DATA for what is not a readable image; both name it
 * @example
 * ```ts no-run: needs a browser
 * import { readImage } from '@tab/data/browser'
 * const image = await readImage('samples/dent.png')
 * console.log(image.shape)
 * ```
 */
export async function readImage(image: BrowserImageFile | BrowserImageSource): Promise<Tensor> {
  if (!isFile(image)) return imageFromSource(image)
  const name = nameOf(image)
  const blob = await blobOf(image, name)
  const bitmap = await createImageBitmap(blob).catch((cause: unknown) => {
    const message = `${name} is not a readable image: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new TabError('INVALID_DATA', { where: 'readImage', message, cause })
  })
  try {
    return imageFromSource(bitmap)
  } finally {
    bitmap.close()
  }
}

function isFile(image: BrowserImageFile | BrowserImageSource): image is BrowserImageFile {
  return (
    typeof image === 'string' ||
    image instanceof URL ||
    image instanceof Blob ||
    image instanceof ArrayBuffer ||
    ArrayBuffer.isView(image)
  )
}

function nameOf(file: BrowserImageFile): string {
  if (typeof file === 'string' || file instanceof URL) return String(file)
  return file instanceof File ? file.name : 'the image'
}

async function blobOf(file: BrowserImageFile, name: string): Promise<Blob> {
  if (file instanceof Blob) return file
  if (typeof file !== 'string' && !(file instanceof URL)) return new Blob([file as Uint8Array<ArrayBuffer>])
  const response = await fetch(file).catch((cause: unknown) => {
    throw new TabError('NOT_FOUND', { where: 'readImage', message: `${name} cannot be fetched`, cause })
  })
  if (response.ok) return response.blob()
  throw new TabError('NOT_FOUND', {
    where: 'readImage',
    expected: `a file at ${name}`,
    actual: `status ${response.status}`,
  })
}
