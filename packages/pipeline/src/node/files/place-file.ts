import { link, open, rename, rm } from 'node:fs/promises'

/** Of file systems without hard links. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
])

/**
 * Moves a finished file to its name, whole at once. A link of that name is replaced, not followed.
 * @returns whether it was moved: false where the name is taken and `overwrite` is false
 */
export async function placeFile(from: string, to: string, overwrite: boolean): Promise<boolean> {
  if (overwrite) {
    await rename(from, to)
    return true
  }
  const code = await link(from, to).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST' || NO_LINKS.has(error.code)) return error.code
      throw error
    },
  )
  if (code === 'EEXIST') return false
  if (code === undefined) {
    await rm(from, { force: true })
    return true
  }
  const reserved = await open(to, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined
    throw error
  })
  if (!reserved) return false
  await reserved.close()
  await rename(from, to)
  return true
}
