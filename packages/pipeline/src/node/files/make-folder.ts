import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder with those above it. Not by `mkdir` with `recursive`, which never ends where a parent exists and yet takes no
 * folder (`/proc`).
 * @returns the topmost folder made, undefined where there was nothing to make
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  const absolute = resolve(path)
  const missing: string[] = []
  for (let folder = absolute; !(await exists(folder)); folder = dirname(folder)) missing.unshift(folder)
  for (const folder of missing) {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error // made by another process meanwhile
    })
  }
  return missing[0]
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && path !== dirname(path)) return false
    throw error
  }
}
