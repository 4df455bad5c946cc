import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { TabError } from '@tab/core'
import { isImageName } from './image-names.ts'
import { formatOf, isImageFile, isOutputFolder, readFolder, unreadable, whyLeftOut } from './read-folder.ts'

const WHERE = 'listImages'

/** A picture that is not listed among the images of a folder. */
export interface LeftOut {
  /** Begins with the folder that was listed. */
  readonly path: string
  /** Words to put after its name: `is .heic, which is not read; convert it to PNG`. */
  readonly reason: string
}

/** The images of a folder. */
export interface ListedImages {
  /** Paths that begin with the folder, sorted by code units. */
  readonly files: readonly string[]
  /** Pictures that are not read, names that are not UTF-8, circular links. */
  readonly leftOut: readonly LeftOut[]
  /** Folders in it that are the output of a command, which are not entered. */
  readonly outputs: readonly string[]
}

/**
 * Lists the images of a folder and its subfolders: files with the suffix of an image ({@link isImageName}), and files without a
 * suffix whose first bytes are those of an image. Hidden files and folders, folders of the operating system and folders with a file
 * `.tab-output` are skipped; links are followed.
 * @throws NOT_FOUND if the folder does not exist; INVALID_DATA if it or a subfolder cannot be read
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
      throw new TabError('NOT_FOUND', { where: WHERE, expected: 'a folder', actual: `${path}, which is not a folder` })
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
      else leftOut.push({ path: inner, reason: 'is a link to a folder that contains it' })
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
 * Whether a file is an image that is read, a picture that is not (and why), or neither (undefined), whatever its name.
 * @throws INVALID_DATA if it cannot be read
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
 * The nearest folder above a file that is the output of a command; undefined if there is none.
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
