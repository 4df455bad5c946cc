import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { join, sep } from 'node:path'
import { TabError } from '@tab/core'
import type { ProblemKind } from '../problem.ts'
import { reasonOf } from './image-file.ts'
import { fileFormat, FORMAT_BYTES } from './image-format.ts'
import { hasNoSuffix, isHidden, isImageName, isSystemFolder, OUTPUT_MARK, unreadSuffix } from './image-names.ts'

/** The names in a folder; each list is sorted by code units. */
export interface FolderContent {
  readonly files: readonly string[]
  readonly folders: readonly string[]
  /** Entries that are neither, because they must not be entered or cannot be named. */
  readonly odd: readonly OddEntry[]
}

/** An entry of a folder that is not listed among its files and folders. */
export interface OddEntry {
  readonly kind: Extract<ProblemKind, 'invalid-name' | 'circular-link' | 'output-folder' | 'unreadable'>
  readonly name: string
  readonly message: string
}

const OUTPUT = `is the output of a command (it holds ${OUTPUT_MARK}), which is never read as input`

/**
 * Lists a folder and follows links. Hidden names and folders of the operating system are left out; circular links, outputs of
 * commands, pipes and names that are not UTF-8 are odd.
 * @returns undefined if there is no such folder
 * @throws INVALID_DATA if the folder or the target of a link cannot be read
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
  // Node replaces bytes that are not UTF-8 by U+FFFD, and no file has that name.
  if (entry.name.includes('\ufffd') && !(await exists(path))) {
    return { kind: 'invalid-name', message: 'has a name that is not UTF-8 and cannot be opened: rename it' }
  }
  let found: Pick<Dirent, 'isFile' | 'isDirectory'> = entry
  if (!entry.isFile() && !entry.isDirectory()) {
    // A link, or a file system that does not tell.
    const target = await stat(path).catch((cause: NodeJS.ErrnoException) => cause)
    if (!('isFile' in target)) {
      if (target.code === 'ELOOP') return { kind: 'circular-link', message: 'is a link to itself' }
      if (target.code === 'ENOENT' || target.code === 'ENOTDIR') return 'file' // reported as missing when it is read
      throw unreadable(where, path, target)
    }
    found = target
  }
  if (found.isFile()) return 'file'
  if (!found.isDirectory()) return { kind: 'unreadable', message: 'is neither a file nor a folder' }
  if (entry.isSymbolicLink() && (await leadsUp(path, folder))) {
    return { kind: 'circular-link', message: 'is a link to a folder that contains it' }
  }
  return (await isOutputFolder(path)) ? { kind: 'output-folder', message: OUTPUT } : 'folder'
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** Whether a link in a folder points to that folder or one above it. */
async function leadsUp(link: string, folder: string): Promise<boolean> {
  const [target, from] = await Promise.all([realpath(link), realpath(folder)])
  return `${from}${sep}`.startsWith(target.endsWith(sep) ? target : `${target}${sep}`)
}

/** Whether a folder is marked as the output of a command. */
export async function isOutputFolder(path: string): Promise<boolean> {
  return exists(join(path, OUTPUT_MARK))
}

/**
 * Whether a file is an image that is read, by its suffix or, without a suffix, by its first bytes.
 * @throws INVALID_DATA if those cannot be read
 */
export async function isImageFile(path: string, name: string, where: string): Promise<boolean> {
  if (isImageName(name)) return true
  return hasNoSuffix(name) && ((await formatOf(path, where))?.isRead ?? false)
}

/**
 * Why a file that is not read as an image is still a picture: its format is not read, or its suffix is wrong.
 * @returns undefined if it does not look like a picture
 */
export async function whyLeftOut(path: string, name: string, where: string): Promise<string | undefined> {
  const suffix = unreadSuffix(name)
  if (suffix !== undefined) return `is .${suffix}, which is not read; convert it to PNG`
  if (DOCUMENT.test(name)) return undefined
  const format = await formatOf(path, where)
  if (!format) return undefined
  return format.isRead
    ? `holds a ${format.name} image, but its suffix is a different one`
    : `is ${format.name}, which is not read; convert it to PNG`
}

/** Names of text files that may be next to images. */
export const DOCUMENT: RegExp =
  /(\.(txt|md|pdf|json|ya?ml|csv|xml|html?)|(^|\/)(licen[cs]e|readme)[^/.]*|thumbs\.db|desktop\.ini)$/i

/** The format by the first bytes of a file; also undefined if it does not exist. */
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

/** The error for a path that the system cannot open. */
export function unreadable(where: string, path: string, cause: NodeJS.ErrnoException): TabError {
  return new TabError('INVALID_DATA', { where, message: `${path} cannot be read: ${reasonOf(cause)}`, cause })
}
