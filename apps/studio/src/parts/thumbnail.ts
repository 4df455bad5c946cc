const SIDE = 192 // pixels

/** Why a file is not taken. */
export type Refusal = 'heic' | 'empty' | 'unreadable'

/**
 * A small copy of a picture, made by the browser's own decoder; its name where the browser cannot read it.
 */
export async function thumbnailOf(name: string, file: Blob): Promise<Blob | Refusal> {
  if (file.size === 0) return 'empty'
  const bitmap = await createImageBitmap(file).catch(() => null)
  if (!bitmap) return /\.hei[cf]$/i.test(name) || /hei[cf]/.test(file.type) ? 'heic' : 'unreadable'
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height))
  const [width, height] = [bitmap.width, bitmap.height].map((length) => Math.max(1, Math.round(length * scale))) as [
    number,
    number,
  ]
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  if (context) context.imageSmoothingQuality = 'high'
  context?.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 })
}
