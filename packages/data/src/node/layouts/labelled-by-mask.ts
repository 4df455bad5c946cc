import { isTabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { prefetch } from '../../prefetch.ts'
import { readMask } from '../read-image.ts'
import { joined, type FolderTree } from './folder-tree.ts'
import { isImageName, stem, type ReadingBuilder } from './reading-builder.ts'

/** An image whose mask says whether it is defective; paths are relative to the tree. */
export interface MaskedImage {
  readonly folder: string
  readonly file: string
  readonly mask: string
  readonly defective: boolean
}

const CONCURRENCY = 8

/**
 * The images of folders that hold a mask beside each: those are defective whose mask is not all black. Missing masks, those that
 * cannot be read, and those without an image are problems.
 * @param ending what a mask's name has behind that of its image without suffix
 */
export async function labelledByMask(
  tree: FolderTree,
  reading: ReadingBuilder,
  folders: readonly string[],
  ending: string,
  { signal, onProgress }: LongTaskOptions,
): Promise<MaskedImage[]> {
  const pairs: Omit<MaskedImage, 'defective'>[] = []
  for (const folder of folders) pairs.push(...(await pairMasks(tree, reading, folder, ending)))
  const read = async (pair: (typeof pairs)[number]) => {
    try {
      return { pair, mask: await readMask(tree.path(pair.mask)) }
    } catch (error) {
      if (isTabError(error, 'INVALID_DATA')) return { pair, error }
      throw error
    }
  }
  const result: MaskedImage[] = []
  let done = 0
  throwIfAborted('openDataset', signal)
  for await (const { pair, mask, error } of prefetch(pairs, CONCURRENCY, read)) {
    throwIfAborted('openDataset', signal)
    if (mask) result.push({ ...pair, defective: mask.data.includes(1) })
    else reading.addProblem('unreadable', pair.mask, error.cause instanceof Error ? error.cause.message : error.message)
    onProgress?.({ phase: 'read masks', done: ++done, total: pairs.length })
  }
  return result
}

async function pairMasks(
  tree: FolderTree,
  reading: ReadingBuilder,
  folder: string,
  ending: string,
): Promise<Omit<MaskedImage, 'defective'>[]> {
  const files = (await tree.files(folder)).filter(isImageName)
  for (const name of files) reading.know(joined(folder, name))
  const masks = new Set(files.filter((name) => name.endsWith(ending)))
  const images = files.filter((name) => !masks.has(name))
  if (images.length === 0) reading.addProblem('empty-folder', folder, 'holds no image')
  const pairs: Omit<MaskedImage, 'defective'>[] = []
  for (const name of images) {
    const mask = stem(name) + ending
    const file = joined(folder, name)
    if (masks.delete(mask)) pairs.push({ folder, file, mask: joined(folder, mask) })
    else reading.addProblem('missing-mask', file, `has no ${mask}, which says whether it is good`)
  }
  for (const mask of masks) reading.addProblem('extra-mask', joined(folder, mask), 'belongs to no image')
  return pairs
}
