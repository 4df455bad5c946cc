import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { join, sep } from 'node:path'
import { TabError } from '@tab/core'
import type { ProblemKind } from '../problem.ts'
import { reasonOf } from './image-file.ts'
import { fileFormat, FORMAT_BYTES } from './image-format.ts'
import { hasNoSuffix, isHidden, isImageName, isSystemFolder, OUTPUT_MARK, unreadSuffix } from './image-names.ts'

/** What a folder holds, by the names in it; each list in the order of code units. */
export interface FolderContent {
  readonly files: readonly string[]
  readonly folders: readonly string[]
  /** What is neither, because it must not be gone into or cannot be named. */
  readonly odd: readonly OddEntry[]
}

/** An entry of a folder that is left out of its files and folders. */
export interface OddEntry {
  readonly kind: Extract<ProblemKind, 'invalid-name' | 'circular-link' | 'output-folder' | 'unreadable'>
  readonly name: string
  readonly message: string
}

const OUTPUT = `is the output of a command (it holds ${OUTPUT_MARK}), which is never read as input`

/**
 * The names in a folder, links followed. Hidden ones and folders of the operating system are left out; links to a folder that they
 * lie in, outputs of commands, pipes and names that are not UTF-8 are odd.
 * @returns undefined when there is no such folder
 * @throws INVALID_DATA when it, or where one of its links leads, cannot be read
 */
export async function readFolder(path: string, where: string): Promise<FolderContent | undefined> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw unreadable(where, path, cause)
  })
  if (!entries) return undefined
  const files: string[] = []
  const folders: string[] = []
  const odd: OddEntry[] = []
  const kept = entries.filter(({ name }) => !isHidden(name) && !isSystemFolder(name))
  const kinds = await Promise.all(kept.map((entry) => kindOf(path, entry, where)))
  kept.forEach(({ name }, index) => {
    const kind = kinds[index] as Awaited<ReturnType<typeof kindOf>>
    if (kind === 'file') files.push(name)
    else if (kind === 'folder') folders.push(name)
    else odd.push({ ...kind, name })
  })
  return { files: files.sort(), folders: folders.sort(), odd: odd.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

async function kindOf(
  folder: string,
  entry: Dirent,
  where: string,
): Promise<'file' | 'folder' | Omit<OddEntry, 'name'>> {
  const path = join(folder, entry.name)
  // Node gives a byte that is no UTF-8 as U+FFFD, and no file has that name.
  if (entry.name.includes('\ufffd') && !(await exists(path))) {
    return { kind: 'invalid-name', message: 'has a name that is not UTF-8, by which it cannot be opened: rename it' }
  }
  let found: Pick<Dirent, 'isFile' | 'isDirectory'> = entry
  if (!entry.isFile() && !entry.isDirectory()) {
    // A link, or a file system that does not tell.
    const target = await stat(path).catch((cause: NodeJS.ErrnoException) => cause)
    if (!('isFile' in target)) {
      if (target.code === 'ELOOP') return { kind: 'circular-link', message: 'is a link that leads to itself' }
      if (target.code === 'ENOENT' || target.code === 'ENOTDIR') return 'file' // named as missing when it is read
      throw unreadable(where, path, target)
    }
    found = target
  }
  if (found.isFile()) return 'file'
  if (!found.isDirectory()) return { kind: 'unreadable', message: 'is neither a file nor a folder' }
  if (entry.isSymbolicLink() && (await leadsUp(path, folder))) {
    return { kind: 'circular-link', message: 'is a link to a folder that it lies in' }
  }
  return (await isOutputFolder(path)) ? { kind: 'output-folder', message: OUTPUT } : 'folder'
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** Whether a link in a folder leads to that folder or one above it. */
async function leadsUp(link: string, folder: string): Promise<boolean> {
  const [target, from] = await Promise.all([realpath(link), realpath(folder)])
  return `${from}${sep}`.startsWith(target.endsWith(sep) ? target : `${target}${sep}`)
}

/** Whether a folder is marked as the output of a command. */
export async function isOutputFolder(path: string): Promise<boolean> {
  return exists(join(path, OUTPUT_MARK))
}

/**
 * Whether a file of a folder is an image that is read, by its suffix; one without a suffix, by its first bytes.
 * @throws INVALID_DATA when those cannot be read
 */
export async function isImageFile(path: string, name: string, where: string): Promise<boolean> {
  if (isImageName(name)) return true
  return hasNoSuffix(name) && ((await formatOf(path, where))?.isRead ?? false)
}

/**
 * Why a file that is not taken for an image is a picture all the same: of a format that is not read, or with another suffix than
 * it should have.
 * @returns undefined when it is no picture, as far as can be told
 */
export async function whyLeftOut(path: string, name: string, where: string): Promise<string | undefined> {
  const suffix = unreadSuffix(name)
  if (suffix !== undefined) return `is .${suffix}, which is not read; convert it to PNG`
  if (DOCUMENT.test(name)) return undefined
  const format = await formatOf(path, where)
  if (!format) return undefined
  return format.isRead
    ? `holds a ${format.name} image, but its name does not end as one does`
    : `is ${format.name}, which is not read; convert it to PNG`
}

/** Names of texts that lie beside images. */
export const DOCUMENT: RegExp =
  /(\.(txt|md|pdf|json|ya?ml|csv|xml|html?)|(^|\/)(licen[cs]e|readme)[^/.]*|thumbs\.db|desktop\.ini)$/i

/** By the first bytes of a file; undefined also for one that does not exist. */
export async function formatOf(path: string, where: string): Promise<ReturnType<typeof fileFormat>> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(FORMAT_BYTES), 0, FORMAT_BYTES, 0)
      return fileFormat(buffer.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(where, path, cause as NodeJS.ErrnoException)
  }
}

/** The error for a path that the system refuses. */
export function unreadable(where: string, path: string, cause: NodeJS.ErrnoException): TabError {
  return new TabError('INVALID_DATA', { where, message: `${path} cannot be read: ${reasonOf(cause)}`, cause })
}
