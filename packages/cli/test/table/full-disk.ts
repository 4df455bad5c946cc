import { execFile } from 'node:child_process'
import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A disk of a few megabytes in memory, at a folder. */
export interface SmallDisk extends AsyncDisposable {
  readonly folder: string
  /** Fills it until just so many bytes are free, or less, in whole pages. */
  leave(bytes: number): Promise<void>
  /** Makes all of it free again that `leave` took. */
  free(): Promise<void>
}

/** Mounts a small tmpfs; undefined where this user may not, or the system has none. */
export async function smallDisk(folder: string, megabytes: number): Promise<SmallDisk | undefined> {
  await mkdir(folder)
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  } catch {
    return undefined
  }
  const filler = join(folder, '.filler')
  const free = () => rm(filler, { force: true })
  return {
    folder,
    free,
    async leave(bytes) {
      await free()
      const { bavail, bsize } = await statfs(folder)
      const pages = bavail - Math.floor(bytes / bsize)
      const file = await open(filler, 'w')
      if (pages > 0) await file.write(Buffer.alloc(pages * bsize))
      await file.close()
    },
    async [Symbol.asyncDispose]() {
      await run('umount', [folder])
    },
  }
}
