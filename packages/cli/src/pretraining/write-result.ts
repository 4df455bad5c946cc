import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillFolder } from '../files/output-folder.ts'

/**
 * Puts the files of a finished training into its folder: all of them, or none when one cannot be written, so that an earlier result stays
 * whole beside a full disk.
 * @param write stands for the disk
 */
export async function writeResult(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  write: (path: string, content: string | Uint8Array) => Promise<void> = writeFile,
): Promise<void> {
  await fillFolder(folder, async (workplace) => {
    for (const [name, content] of Object.entries(files)) await write(join(workplace, name), content)
  })
}
