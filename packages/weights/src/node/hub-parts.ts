// Parts of downloads in a cache that processes share: `<checksum>.<host>-<process>-<random>.incomplete`, each written by one process alone. A lock
// lets one download at a time, but whether a process on another host lives is a guess, and other clients of the hub do not know the lock.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'

const RELEASED = 'released'
const STALE = 24 * 3600 * 1000

/** A name for the part that this process downloads of a blob. */
export function ownPart(blob: string): string {
  return named(blob, `${host()}-${process.pid}`)
}

function host(): string {
  return hostname().replace(/\W/g, '_')
}

function named(blob: string, owner: string): string {
  return `${blob}.${owner}-${randomBytes(6).toString('hex')}.incomplete`
}

/**
 * Takes over the longest part that any attempt left: renames one that was released, and copies another's, so that what comes after it is
 * written to a file that nobody else writes, even if its owner still lives.
 * @returns the bytes that `part` holds now
 */
export async function adoptPart(blob: string, part: string, size: number): Promise<number> {
  const parts = (await partsOf(blob)).filter((found) => found.size <= size).sort((a, b) => b.size - a.size)
  for (const { path } of parts) {
    try {
      if (ownerOf(path) === RELEASED) await rename(path, part)
      else await copyFile(path, part, constants.COPYFILE_FICLONE)
      return (await stat(part)).size
    } catch {
      await rm(part, { force: true }) // its owner finished or removed it meanwhile
    }
  }
  return 0
}

/** Leaves a part to whoever comes next. */
export async function releasePart(blob: string, part: string): Promise<void> {
  await rename(part, named(blob, RELEASED)).catch(() => undefined) // nothing had come yet
}

/** Removes the parts of a complete blob that nobody writes any more: of ended processes of this machine, and those a day old. */
export async function cleanParts(blob: string): Promise<void> {
  for (const { path, modified } of await partsOf(blob)) {
    if (isAbandoned(path) || Date.now() - modified > STALE) await rm(path, { force: true })
  }
}

async function partsOf(blob: string): Promise<{ path: string; size: number; modified: number }[]> {
  const [folder, start] = [dirname(blob), `${basename(blob)}.`]
  const names = (await readdir(folder)).filter((name) => name.startsWith(start) && name.endsWith('incomplete'))
  const parts = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const found = await stat(path).catch(() => undefined)
      return found && { path, size: found.size, modified: found.mtimeMs }
    }),
  )
  return parts.filter((part) => part !== undefined)
}

/** `host-process`, or what {@link releasePart} puts there; undefined for a part of another client of the hub. */
function ownerOf(path: string): string | undefined {
  return /\.([\w-]+)-[\da-f]+\.incomplete$/.exec(path)?.[1]
}

function isAbandoned(path: string): boolean {
  const owner = ownerOf(path)
  if (owner === RELEASED) return true
  if (owner?.startsWith(`${host()}-`) !== true) return false // of another machine
  try {
    process.kill(Number(owner.slice(host().length + 1)), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
