import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Lets `fill` write into a new folder and moves what it wrote to `folder` once it is done; when it fails, nothing stays behind
 * and what was there before is as it was.
 */
export async function fillFolder(folder: string, fill: (workplace: string) => Promise<void>): Promise<void> {
  const isNew = (await mkdir(folder, { recursive: true })) !== undefined
  const workplace = join(folder, `.${randomUUID()}.tmp`)
  await mkdir(workplace)
  try {
    await fill(workplace)
    for (const name of await readdir(workplace)) {
      await rm(join(folder, name), { recursive: true, force: true })
      await rename(join(workplace, name), join(folder, name))
    }
  } finally {
    await rm(workplace, { recursive: true, force: true })
    if (isNew) await rmdir(folder).catch(() => undefined) // of a failure; a folder with something in it stays
  }
}
