import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file under a temporary name, flushes it to the disk and renames it, so that it is whole or absent; makes its folder.
 * @param content bytes, text, or a function that writes them to the path that it is given
 * @throws what the disk and `content` throw; the temporary file is removed then
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { writeAtomically } from '@tab/core/node'
 * await writeAtomically('notes/line.txt', 'whole or absent')
 * console.log(await readFile('notes/line.txt', 'utf8')) // whole or absent
 * ```
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array | ((temporary: string) => Promise<unknown>),
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    if (typeof content === 'function') await content(temporary)
    const file = await open(temporary, typeof content === 'function' ? 'r+' : 'w')
    try {
      if (typeof content !== 'function') await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
