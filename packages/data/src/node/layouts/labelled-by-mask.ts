import { isTabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { prefetch } from '../../prefetch.ts'
import { comparable, stem } from '../image-names.ts'
import { readMask } from '../read-mask.ts'
import { joined, type FolderTree } from './folder-tree.ts'
import type { ReadingBuilder } from './reading-builder.ts'

/** An image whose mask says whether it is defective; paths are relative to the tree. */
export interface MaskedImage {
  readonly folder: string
  readonly file: string
  readonly mask: string
  readonly defective: boolean
}

const CONCURRENCY = 8

/**
 * The images of folders with a mask next to each image; an image is defective if its mask is not all black. Masks that are missing,
 * unreadable or without an image are problems.
 * @param ending what follows the stem of the image in the name of its mask
 */
export async function labelledByMask(
  tree: FolderTree,
  reading: ReadingBuilder,
  folders: readonly string[],
  ending: string,
  { signal, onProgress }: LongTaskOptions,
): Promise<MaskedImage[]> {
  const pairs: Omit<MaskedImage, 'defective'>[] = []
  for (const folder of folders) pairs.push(...(await pairMasks(reading, folder, ending)))
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
  reading: ReadingBuilder,
  folder: string,
  ending: string,
): Promise<Omit<MaskedImage, 'defective'>[]> {
  const files = await reading.images(folder)
  for (const name of files) reading.know(joined(folder, name))
  const images = files.filter((name) => !name.endsWith(ending))
  const masks = new Map(files.filter((name) => name.endsWith(ending)).map((name) => [comparable(name), name]))
  const seen = new Map<string, string>()
  if (images.length === 0) reading.addProblem('empty-folder', folder, 'holds no image')
  const pairs: Omit<MaskedImage, 'defective'>[] = []
  for (const name of images) {
    const wanted = stem(name) + ending
    const file = joined(folder, name)
    const key = comparable(wanted)
    const mask = masks.get(key)
    masks.delete(key)
    const twin = seen.get(key)
    seen.set(key, name)
    if (twin !== undefined) {
      const message = `differs from ${twin} only in suffix or Unicode form: ${wanted} could belong to either`
      reading.addProblem('same-stem', file, message)
    } else if (mask !== undefined) pairs.push({ folder, file, mask: joined(folder, mask) })
    else reading.addProblem('missing-mask', file, `has no ${wanted}, which would say whether it is good`)
  }
  for (const mask of masks.values()) reading.addProblem('extra-mask', joined(folder, mask), 'belongs to no image')
  return pairs
}
