import type { ImageSource } from '@tab/adapters'
import { formatShape, TabError, throwIfAborted, type LongTaskOptions, type Tensor } from '@tab/core'
import { imageAt, prefetch, prepareImage, stackImages, type Preparation } from '@tab/data'

const BATCH = 8
const CONCURRENCY = 4

/**
 * Reads images to their end and keeps them in memory as the detector will see them, 12 bytes per pixel of the preparation.
 * @param read the pixels [H,W,3] of an image, or of several as [N,H,W,3]
 * @throws INVALID_ARGUMENT for no image, what `read` throws, ABORTED
 */
export async function holdPrepared<I>(
  images: Iterable<I> | AsyncIterable<I>,
  read: (image: I) => Tensor | Promise<Tensor>,
  preparation: Preparation,
  { signal, onProgress }: LongTaskOptions,
): Promise<ImageSource> {
  const where = 'fitInspector'
  const held: Tensor[] = []
  throwIfAborted(where, signal)
  const reading = prefetch(images, CONCURRENCY, async (image) =>
    each(where, await read(image)).map((one) => prepareImage(one, preparation)),
  )
  for await (const some of reading) {
    throwIfAborted(where, signal)
    held.push(...some)
    onProgress?.({ phase: 'read', done: held.length })
  }
  if (held.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'images of good parts', actual: 'none' })
  }
  return {
    count: held.length,
    *batches(indices) {
      for (let start = 0; start < indices.length; start += BATCH) {
        yield stackImages(indices.slice(start, start + BATCH).map((index) => held[index] as Tensor))
      }
    },
  }
}

function each(where: string, images: Tensor): Tensor[] {
  const { shape } = images
  if (shape.length === 3) return [images]
  if (shape.length === 4) return Array.from({ length: shape[0] as number }, (_, index) => imageAt(images, index))
  const expected = 'images [H,W,3] or batches [N,H,W,3]'
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: formatShape(shape) })
}
