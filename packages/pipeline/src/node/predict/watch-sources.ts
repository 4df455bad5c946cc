import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isTabError, TabError } from '@tab/core'
import { isDynamicPattern } from 'tinyglobby'
import { findImages } from './find-images.ts'

/** Something that images come from: a folder, the files that a pattern matches, or one file. */
export interface WatchSource {
  readonly input: string
  /** The folder that must be there: the input, the part of a pattern before its first wildcard, or where the file lies. */
  readonly root: string
  /** What is there now. */
  list(): Promise<WatchListing>
}

export interface WatchListing {
  readonly files: readonly string[]
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * Inputs (folders, files, glob patterns) as `watchImages` takes them.
 * @throws NOT_FOUND for one that does not exist
 * @example
 * ```ts
 * import { watchSources } from '@tab/pipeline/node'
 *
 * const [folder, pattern] = await watchSources(['washers/train', 'washers/test/good/*.png'])
 * console.log(folder?.root, (await folder?.list())?.files.length) // washers/train 4
 * console.log(pattern?.root, (await pattern?.list())?.files.length) // washers/test/good 2
 * ```
 */
export async function watchSources(inputs: readonly string[]): Promise<WatchSource[]> {
  const sources: WatchSource[] = []
  for (const input of inputs) {
    const root = await inputFolder(input)
    const found = await stat(input).catch(() => undefined)
    if (found?.isDirectory()) sources.push({ input, root, list: () => findImages([input], true) })
    else if (found) sources.push({ input, root, list: () => listOrNothing(input) })
    else if (root !== input && (await isFolder(root))) sources.push({ input, root, list: () => listOrNothing(input) })
    else {
      const expected = `a file, a folder or a pattern in a folder that exists: ${input}`
      throw new TabError('NOT_FOUND', { where: 'inputs', expected, actual: 'none' })
    }
  }
  return sources
}

/**
 * The folder that the images of an input come from, where no output may go; of what does not exist and is not a pattern, the input itself.
 * @example
 * ```ts
 * import { inputFolder } from '@tab/pipeline/node'
 *
 * console.log(await inputFolder('washers/test/good/*.png'), await inputFolder('resnet18.onnx')) // washers/test/good .
 * ```
 */
export async function inputFolder(input: string): Promise<string> {
  const found = await stat(input).catch(() => undefined)
  if (found) return found.isDirectory() ? input : dirname(input)
  if (!isDynamicPattern(input)) return input
  const parts = input.split(/[\\/]/)
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => isDynamicPattern(part)),
  )
  return fixed.length === 0 ? '.' : fixed.join('/') || '/'
}

/** Under a watch it is not an error that nothing is there yet. */
async function listOrNothing(input: string): Promise<WatchListing> {
  try {
    return await findImages([input])
  } catch (error) {
    if (isTabError(error, 'NOT_FOUND')) return { files: [], leftOut: [] }
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
