import { readdir, stat } from 'node:fs/promises'
import { dirname, isAbsolute, resolve, sep } from 'node:path'
import { TabError } from '@tab/core'
import { listImages, OUTPUT_MARK, outputAbove, pictureAt, type LeftOut } from '@tab/data/node'
import { glob, isDynamicPattern } from 'tinyglobby'

/** What a list of inputs comes to. */
export interface FoundImages {
  readonly files: readonly string[]
  /** The inputs that are folders. */
  readonly folders: readonly string[]
  /** Pictures that are not read, and why: each is one that is not judged. */
  readonly leftOut: readonly LeftOut[]
  /** Folders in them that are the output of a command, and so are not looked into. */
  readonly outputs: readonly string[]
}

/**
 * Files of inputs that are files, folders (all images below, none of hidden folders or of outputs of commands) or glob patterns,
 * each file once, in the order of the inputs and by path within one. A file that is named is taken whatever its name is.
 * @throws NOT_FOUND for an input that does not exist, a pattern that matches nothing, a folder without images unless `emptyFolders`;
 * INVALID_DATA for an input that cannot be read, or is the output of a command
 * @example
 * ```ts
 * import { findImages } from '@tab/pipeline/node'
 *
 * const { files, leftOut } = await findImages(['washers/train', 'washers/test/good/*.png'])
 * console.log(files.length, files[0], leftOut) // 6 washers/train/good/000.png []
 * ```
 */
export async function findImages(inputs: readonly string[], emptyFolders = false): Promise<FoundImages> {
  const files = new Map<string, string>() // by absolute path
  const leftOut = new Map<string, LeftOut>()
  const folders: string[] = []
  const outputs: string[] = []
  for (const input of inputs) {
    const found = await kindOf(input)
    if (found === 'folder') folders.push(input)
    const matches =
      found === 'folder'
        ? await ofFolder(input)
        : found === 'file'
          ? await ofFiles([input], true)
          : await ofPattern(input)
    outputs.push(...matches.outputs)
    for (const file of matches.files) if (!files.has(resolve(file))) files.set(resolve(file), file)
    for (const left of matches.leftOut) leftOut.set(resolve(left.path), left)
    if (matches.files.length > 0 || (emptyFolders && found === 'folder')) continue
    throw new TabError('NOT_FOUND', {
      where: 'inputs',
      expected: found === undefined ? missing(input) : `images in ${input}`,
      actual: describeNone(matches),
    })
  }
  return { files: [...files.values()], folders, leftOut: [...leftOut.values()], outputs }
}

type Matches = Omit<FoundImages, 'folders'>

async function kindOf(input: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(input)).isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR'
    if (isAbsent || (code === 'ENAMETOOLONG' && isDynamicPattern(input))) return undefined
    throw unreadable(input, cause as NodeJS.ErrnoException)
  }
}

function unreadable(path: string, cause: NodeJS.ErrnoException): TabError {
  const reason = cause.code === 'EACCES' || cause.code === 'EPERM' ? 'permission denied' : cause.message
  return new TabError('INVALID_DATA', { where: 'inputs', message: `${path} cannot be read: ${reason}`, cause })
}

async function ofFolder(folder: string): Promise<Matches> {
  const output = await outputAbove(resolve(folder, 'image'))
  if (output === undefined) return listImages(folder)
  const message = `${output} is the output of a command (it holds ${OUTPUT_MARK}), which is never read as input`
  throw new TabError('INVALID_DATA', { where: 'inputs', message })
}

/** The files that a pattern matches; folders that may not be read are an error, as theirs would be missing in silence. */
async function ofPattern(input: string): Promise<Matches> {
  if (!isDynamicPattern(input)) return { files: [], leftOut: [], outputs: [] }
  const pattern = sep === '/' ? input : input.replaceAll(sep, '/')
  const options = { absolute: isAbsolute(input) }
  const above = dirname(pattern)
  const folders = isDynamicPattern(above) ? await glob(above, { ...options, onlyDirectories: true }) : [above]
  for (const folder of folders) {
    await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw unreadable(folder, cause)
    })
  }
  return ofFiles((await glob(pattern, options)).sort(), false)
}

/**
 * @param isNamed whether a file is taken whatever it is: reading it says what is wrong; else only images by their first bytes are,
 * when the name says nothing
 */
async function ofFiles(paths: readonly string[], isNamed: boolean): Promise<Matches> {
  const files: string[] = []
  const leftOut: LeftOut[] = []
  const outputs = new Map<string, string | undefined>() // by folder
  for (const path of paths) {
    const folder = dirname(path)
    if (!outputs.has(folder)) outputs.set(folder, await outputAbove(resolve(path)))
    if (outputs.get(folder) !== undefined) continue
    const found = isNamed ? { isRead: true } : await pictureAt(path)
    if (found === undefined) continue
    if ('reason' in found) leftOut.push({ path, reason: found.reason })
    else files.push(path)
  }
  return { files, leftOut, outputs: [...new Set([...outputs.values()].filter((output) => output !== undefined))] }
}

function missing(input: string): string {
  // Node gives a byte that is not UTF-8 as U+FFFD, and no file has that name.
  const hint = input.includes('\ufffd') ? ' (its name is not UTF-8, and cannot be opened: rename it)' : ''
  return `a file, a folder or a pattern that matches: ${input}${hint}`
}

function describeNone({ leftOut, outputs }: Matches): string {
  if (outputs.length > 0)
    return `none but the output of a command in ${outputs.join(', ')}, which is never read as input`
  const [first] = leftOut
  if (!first) return 'none; PNG, JPEG, BMP, TIFF, WebP, GIF and AVIF are read'
  const more = leftOut.length > 1 ? ` and ${leftOut.length - 1} more` : ''
  return `none that is read: ${first.path} ${first.reason}${more}`
}
