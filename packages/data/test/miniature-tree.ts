import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import sharp from 'sharp'
import { bitmapFile } from './bitmap-file.ts'

/** A picture of 3 x 4 pixels (`large`: 6 x 8): noise, a mask with a defect, or a black mask; anything else is written as text. */
export type Content = 'image' | 'mask' | 'black' | 'large' | { readonly text: string }

/** Writes files of the given contents below a folder, pictures in the format of their suffix. */
export async function writeTree(root: string, files: Readonly<Record<string, Content>>): Promise<void> {
  const encoded = new Map<string, Promise<Uint8Array>>()
  await Promise.all(
    Object.entries(files).map(async ([file, content]) => {
      const path = join(root, file)
      await mkdir(dirname(path), { recursive: true })
      if (typeof content === 'object') return writeFile(path, content.text)
      const key = content + extname(file)
      const bytes = encoded.get(key) ?? encode(content, extname(file).toLowerCase())
      encoded.set(key, bytes)
      await writeFile(path, await bytes)
    }),
  )
}

/** Several files of the same contents in a folder. */
export function filesOf(folder: string, names: readonly string[], content: Content): Record<string, Content> {
  return Object.fromEntries(names.map((name) => [`${folder}/${name}`, content]))
}

async function encode(content: Exclude<Content, object>, suffix: string): Promise<Uint8Array> {
  const [height, width] = content === 'large' ? [6, 8] : [3, 4]
  const pixels = Uint8Array.from({ length: height * width }, (_, i) => {
    if (content === 'black') return 0
    return content === 'mask' ? (i === 5 ? 255 : 0) : (i * 37) % 251
  })
  if (suffix === '.bmp') return bitmapFile(pixels, height, width)
  const image = sharp(pixels, { raw: { width, height, channels: 1 } })
  return suffix === '.png' ? image.png().toBuffer() : image.jpeg({ quality: 95 }).toBuffer()
}
