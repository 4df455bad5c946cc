import { formatShape, TabError, type Tensor } from '@tab/core'
import { imageAt, prefetch, prepareImage, stackImages, type Preparation } from '@tab/data'
import type { ImageReading } from '../inspect/open-inspector.ts'

const CONCURRENCY = 4

/**
 * Images as the detector will see them, in batches [N,H,W,3] of what one reading gives.
 * @param reading the pixels [H,W,3] of an image, or of several as [N,H,W,3]
 * @param onFirst told the size of the first image, before it is prepared
 * @throws INVALID_ARGUMENT for another shape, what `read` throws
 */
export function preparedImages<I>(
  where: string,
  images: Iterable<I> | AsyncIterable<I>,
  reading: Pick<ImageReading<I>, 'read' | 'readPrepared'>,
  preparation: Preparation,
  onFirst: (original: readonly [number, number]) => void = () => undefined,
): AsyncIterable<Tensor> {
  let tell: typeof onFirst | undefined = onFirst
  return prefetch(images, CONCURRENCY, async (image) => {
    const first = tell
    tell = undefined
    const ready = await reading.readPrepared?.(image, preparation)
    if (ready) {
      first?.(ready.original)
      return stackImages([ready.image])
    }
    const each = eachImage(where, await reading.read(image))
    first?.((each[0]?.shape.slice(0, 2) ?? preparation.size) as [number, number])
    return stackImages(each.map((one) => prepareImage(one, preparation)))
  })
}

/**
 * The images of one reading.
 * @throws INVALID_ARGUMENT for another shape
 */
export function eachImage(where: string, images: Tensor): Tensor[] {
  const { shape } = images
  if (shape.length === 3) return [images]
  if (shape.length === 4) return Array.from({ length: shape[0] as number }, (_, index) => imageAt(images, index))
  const expected = 'images [H,W,3] or batches [N,H,W,3]'
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: formatShape(shape) })
}
