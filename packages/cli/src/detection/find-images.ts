import { stat } from 'node:fs/promises'
import { isAbsolute, resolve, sep } from 'node:path'
import { TabError } from '@tab/core'
import type { Sample } from '@tab/data'
import { isHidden, isImageName, listImages, whyNoImage, type LeftOut } from '@tab/data/node'
import { glob, isDynamicPattern } from 'tinyglobby'

export { isImageName } from '@tab/data/node'

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
 */
export async function findImages(inputs: readonly string[], emptyFolders = false): Promise<FoundImages> {
  const files = new Map<string, string>() // by absolute path
  const leftOut = new Map<string, LeftOut>()
  const folders: string[] = []
  const outputs: string[] = []
  for (const input of inputs) {
    const found = await kindOf(input)
    if (found === 'folder') folders.push(input)
    const matches = found === 'folder' ? await ofFolder(input) : found === 'file' ? one(input) : await ofPattern(input)
    outputs.push(...matches.outputs)
    for (const file of matches.files) if (!files.has(resolve(file))) files.set(resolve(file), file)
    for (const left of matches.leftOut) leftOut.set(resolve(left.path), left)
    if (matches.files.length > 0 || (emptyFolders && found === 'folder')) continue
    throw new TabError('NOT_FOUND', {
      where: 'tab',
      expected: found === undefined ? missing(input) : `images in ${input}`,
      actual: describeNone(matches.leftOut),
    })
  }
  return { files: [...files.values()], folders, leftOut: [...leftOut.values()], outputs }
}

type Matches = Omit<FoundImages, 'folders'>

const one = (file: string): Matches => ({ files: [file], leftOut: [], outputs: [] })

async function kindOf(input: string): Promise<'file' | 'folder' | undefined> {
  try {
    const found = await stat(input)
    return found.isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EINVAL') return undefined
    if (code === 'ENAMETOOLONG' && isDynamicPattern(input)) return undefined
    const reason = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : message
    throw new TabError('INVALID_DATA', { where: 'tab', message: `${input} cannot be read: ${reason}`, cause })
  }
}

async function ofFolder(folder: string): Promise<Matches> {
  const found = await listImages(folder)
  if (!found.outputs.includes(folder)) return found
  const message = `${folder} is the output of a command (it holds .tab-output), which is never read as input`
  throw new TabError('INVALID_DATA', { where: 'tab', message })
}

/** The images that a pattern matches; of files with another suffix than images have, those that are one by their first bytes. */
async function ofPattern(input: string): Promise<Matches> {
  if (!isDynamicPattern(input)) return { files: [], leftOut: [], outputs: [] }
  const pattern = sep === '/' ? input : input.replaceAll(sep, '/')
  const matches = (await glob(pattern, { absolute: isAbsolute(input) })).sort()
  const files: string[] = []
  const leftOut: LeftOut[] = []
  const outputs = new Set<string>()
  for (const path of matches) {
    const output = await outputAbove(path)
    if (output !== undefined) {
      outputs.add(output)
      continue
    }
    const reason = isImageName(path) ? undefined : await whyNoImage(path)
    if (reason === undefined) files.push(path)
    else if (reason !== 'is no picture') leftOut.push({ path, reason })
  }
  return { files, leftOut, outputs: [...outputs] }
}
