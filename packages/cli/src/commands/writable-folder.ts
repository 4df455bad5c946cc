import { mkdir, mkdtemp, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { notReadable } from '@tab/core/node'

/**
 * Makes a folder, and tries whether it can be written before long work begins.
 * @param where the field that named it
 * @throws NOT_FOUND
 */
export async function writableFolder(where: string, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await rmdir(await mkdtemp(join(folder, '.tried-')))
  } catch (cause) {
    throw notReadable(where, 'a folder that can be written', folder, cause)
  }
}
