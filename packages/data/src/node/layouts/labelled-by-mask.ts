import { isTabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { prefetch } from '../../prefetch.ts'
import { readMask } from '../read-image.ts'
import type { FolderTree } from './folder-tree.ts'
import type { ReadingBuilder } from './reading-builder.ts'

/** An image whose mask says whether it is defective; paths are relative to the tree. */
export interface MaskedImage {
  readonly file: string
  readonly mask: string
}

const CONCURRENCY = 8

/** Reads the masks: those images are defective whose mask is not all black. A mask that cannot be read is a problem. */
export async function labelledByMask<T extends MaskedImage>(
  tree: FolderTree,
  reading: ReadingBuilder,
  images: readonly T[],
  { signal, onProgress }: LongTaskOptions,
): Promise<(T & { readonly defective: boolean })[]> {
  const result: (T & { readonly defective: boolean })[] = []
  const read = async (image: T) => {
    try {
      return { image, mask: await readMask(tree.path(image.mask)) }
    } catch (error) {
      if (isTabError(error, 'INVALID_DATA')) return { image, error }
      throw error
    }
  }
  let done = 0
  throwIfAborted('openDataset', signal)
  for await (const { image, mask, error } of prefetch(images, CONCURRENCY, read)) {
    throwIfAborted('openDataset', signal)
    if (mask) result.push({ ...image, defective: mask.data.includes(1) })
    else {
      reading.know(image.file)
      reading.know(image.mask)
      reading.addProblem('unreadable', image.mask, error.cause instanceof Error ? error.cause.message : error.message)
    }
    onProgress?.({ phase: 'read masks', done: ++done, total: images.length })
  }
  return result
}
