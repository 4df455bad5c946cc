import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { TabError } from '@tab/core'
import { isImageName } from './image-names.ts'
import { formatOf, isImageFile, isOutputFolder, readFolder, unreadable, whyLeftOut } from './read-folder.ts'

const WHERE = 'listImages'

/** A picture that is not among the images of a folder. */
export interface LeftOut {
  /** Beginning with the folder that was listed. */
  readonly path: string
  /** In words, after its name: `is .heic, which is not read; convert it to PNG`. */
  readonly reason: string
}

/** The images of a folder. */
export interface ListedImages {
  /** Paths that begin with the folder, in the order of their code units. */
  readonly files: readonly string[]
  /** Pictures that are not read, names that are not UTF-8, links that lead to themselves. */
  readonly leftOut: readonly LeftOut[]
  /** Folders in it that are the output of a command, and so are not gone into. */
  readonly outputs: readonly string[]
}

/**
 * Lists the images of a folder and those below it: files with the suffix of an image ({@link isImageName}), and files without a
 * suffix that begin as one. Hidden files and folders, those of the operating system and folders that hold a file `.tab-output`
 * are not gone into; links are followed.
 * @throws NOT_FOUND without the folder; INVALID_DATA when it or one below cannot be read
 * @example
 * ```ts
 * import { listImages } from '@tab/data/node'
 * const { files, leftOut } = await listImages('washers/train')
 * console.log(files[0], files.length, leftOut.length) // washers/train/good/000.png 4 0
 * ```
 */
export async function listImages(folder: string): Promise<ListedImages> {
  const files: string[] = []
  const leftOut: LeftOut[] = []
  const outputs: string[] = []
  async function visit(path: string, above: readonly string[]): Promise<void> {
    const content = await readFolder(path, WHERE)
    if (!content) {
      throw new TabError('NOT_FOUND', { where: WHERE, expected: 'a folder', actual: `${path}, which is none` })
    }
    for (const { kind, name, message } of content.odd) {
      if (kind === 'output-folder') outputs.push(join(path, name))
      else leftOut.push({ path: join(path, name), reason: message })
    }
    for (const name of content.files) {
      const file = join(path, name)
      if (await isImageFile(file, name, WHERE)) {
        files.push(file)
        continue
      }
      const reason = await whyLeftOut(file, name, WHERE)
      if (reason !== undefined) leftOut.push({ path: file, reason })
    }
    for (const name of content.folders) {
      const inner = join(path, name)
      const real = await realOf(inner)
      if (!above.includes(real)) await visit(inner, [...above, real])
      else leftOut.push({ path: inner, reason: 'is a link to a folder that it lies in' })
    }
  }
  if (await isOutputFolder(folder)) return { files, leftOut, outputs: [folder] }
  await visit(folder, [await realOf(folder)])
  return { files: files.sort(), leftOut, outputs }
}

async function realOf(path: string): Promise<string> {
  return realpath(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT')
      throw new TabError('NOT_FOUND', { where: WHERE, message: `${path} does not exist`, cause })
    throw unreadable(WHERE, path, cause)
  })
}

/**
 * What a file is, whatever its name: an image that is read, a picture that is not and why, or neither (undefined).
 * @throws INVALID_DATA when it cannot be read
 * @example
 * ```ts
 * import { pictureAt } from '@tab/data/node'
 * console.log(await pictureAt('washers/train/good/000.png'), await pictureAt('resnet18.onnx')) // { isRead: true } undefined
 * ```
 */
export async function pictureAt(
  path: string,
): Promise<{ readonly isRead: true } | { readonly reason: string } | undefined> {
  if (isImageName(path) || (await formatOf(path, WHERE))?.isRead) return { isRead: true }
  const reason = await whyLeftOut(path, basename(path), WHERE)
  return reason === undefined ? undefined : { reason }
}

/**
 * The folder that a file lies in, or one above it, that is the output of a command; undefined when there is none.
 * @example
 * ```ts
 * import { outputAbove } from '@tab/data/node'
 * console.log(await outputAbove('washers/train/good/000.png')) // undefined
 * ```
 */
export async function outputAbove(path: string): Promise<string | undefined> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (await isOutputFolder(folder)) return folder
    if (folder === dirname(folder)) return undefined
  }
}
