import { readdir } from 'node:fs/promises'
import { notReadable } from '@tab/core/node'
import { realPlace } from '@tab/pipeline/node'

/**
 * @param where the field that names it
 * @returns its real path
 * @throws NOT_FOUND
 */
export async function readableFolder(where: string, path: string): Promise<string> {
  await readdir(path).catch((cause: unknown) => {
    throw notReadable(where, 'a readable folder of images', path, cause)
  })
  return realPlace(path)
}
