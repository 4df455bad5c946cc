import { link, lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { TabError } from '@tab/core'
import { placeFile } from './place-file.ts'

type Filling = ((workplace: string) => Promise<void>) | Readonly<Record<string, string | Uint8Array>>

/**
 * Lets `filling` write into a new folder and moves what it wrote to `folder` once it is done; when it fails, nothing stays behind
 * and what was there before is as it was.
 * @param workplace path of the new folder, on the disk of `folder`
 * @param overwrite whether what has the same name is replaced
 * @param optional names that `filling` may leave out: with `overwrite`, what has them then is removed
 * @throws INVALID_ARGUMENT where a name was taken meanwhile; the results are then kept beside it, and the message says where
 */
export async function fillFolder(
  folder: string,
  workplace: string,
  overwrite: boolean,
  filling: Filling,
  optional: readonly string[] = [],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await mkdir(workplace)
  try {
    if (typeof filling === 'function') await filling(workplace)
    else {
      for (const [name, content] of Object.entries(filling)) {
        await writeFile(join(workplace, name), content, { flush: true })
      }
    }
    await moveAll(workplace, folder, overwrite, optional)
  } finally {
    await rm(workplace, { recursive: true, force: true })
  }
}

const EARLIER = '.earlier' // in the workplace: what is replaced, until all is in its place

async function moveAll(
  workplace: string,
  folder: string,
  overwrite: boolean,
  optional: readonly string[],
): Promise<void> {
  const names = await readdir(workplace)
  const earlier = join(workplace, EARLIER)
  await mkdir(earlier)
  const moved: { target: string; kept: string | undefined }[] = []
  try {
    for (const name of names) {
      const target = join(folder, name)
      const found = await lstat(target).catch(() => undefined)
      const kept = found && overwrite ? join(earlier, name) : undefined
      if (kept) await setAside(target, kept, found?.isDirectory() ?? false)
      if (kept) moved.push({ target, kept })
      await move(join(workplace, name), target, overwrite)
      if (!kept) moved.push({ target, kept })
    }
    for (const name of overwrite ? optional.filter((each) => !names.includes(each)) : []) {
      const target = join(folder, name)
      if (!(await lstat(target).catch(() => undefined))) continue
      await rename(target, join(earlier, name))
      moved.push({ target, kept: join(earlier, name) })
    }
  } catch (error) {
    for (const { target, kept } of moved.reverse()) {
      await rename(target, join(workplace, basename(target))).catch(() => undefined) // absent where it was just set aside
      if (kept !== undefined) await rename(kept, target)
    }
    if (!(error instanceof Taken)) throw error
    // Hours of work are not thrown away as somebody made a file of that name meanwhile.
    const refuge = join(folder, `tab-kept-${basename(workplace).slice(1, 9)}`)
    await rm(earlier, { recursive: true, force: true })
    await rename(workplace, refuge)
    const message = `${error.message} was made by another program meanwhile; the results are in ${refuge}`
    throw new TabError('INVALID_ARGUMENT', { where: 'spec.output', message })
  }
}

class Taken extends Error {}

/** A file keeps its name until the new one takes it; a folder must make way. */
async function setAside(target: string, kept: string, isFolder: boolean): Promise<void> {
  if (isFolder) return rename(target, kept)
  await link(target, kept).catch(() => rename(target, kept))
}

async function move(from: string, to: string, overwrite: boolean): Promise<void> {
  if ((await lstat(from)).isDirectory()) {
    if (await lstat(to).catch(() => undefined)) throw new Taken(to)
    await rename(from, to)
  } else if (!(await placeFile(from, to, overwrite))) throw new Taken(to)
}
