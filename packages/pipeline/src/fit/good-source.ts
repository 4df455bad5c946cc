import { holdImages, type ImageSource, type Preparation } from '@tab/adapters'
import { TabError, type LongTaskOptions, type Tensor } from '@tab/core'
import { prefetch, prepareImage, stackImages, usualConcurrency } from '@tab/data'
import type { ImageReading } from '../inspect/open-inspector.ts'
import { USUAL_SIZE } from '../usual-size.ts'
import type { FitPreparation } from './fit-inspector.ts'
import { eachImage, preparedImages } from './prepared-images.ts'

/** Good images as often as a fit needs them, and how they are prepared in the end. */
export interface GoodSource {
  readonly held: ImageSource
  readonly preparation: Preparation
  /** `[height, width]` of the first image as it is passed in. */
  readonly original: readonly [number, number]
}

/**
 * Keeps good images in memory as prepared; with tiles, which are for large ones, keeps only what they are read from.
 * @param reading the pixels [H,W,3] of an image, or of several as [N,H,W,3]
 * @throws INVALID_ARGUMENT without images, for another shape or several sizes; what `read` throws; ABORTED
 */
export async function goodSource<I>(
  where: string,
  images: Iterable<I> | AsyncIterable<I>,
  reading: Pick<ImageReading<I>, 'read' | 'readPrepared'>,
  { tiles, size, look, foreground: _, ...manner }: FitPreparation,
  task: LongTaskOptions,
): Promise<GoodSource> {
  if (!tiles) {
    const preparation = { ...manner, size: size ?? USUAL_SIZE }
    let original: readonly [number, number] = preparation.size
    const onFirst = (found: readonly [number, number]): void => void (original = found)
    const prepared = preparedImages(where, images, reading, preparation, onFirst)
    return { held: await holdImages(prepared, { ...task, where }), preparation, original }
  }
  const sources: I[] = []
  for await (const image of images) sources.push(image)
  const single = async (index: number): Promise<Tensor> => {
    const some = eachImage(where, await reading.read(sources[index] as I))
    if (some.length === 1) return some[0] as Tensor
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: 'images one by one with tiles',
      actual: `${some.length} in one`,
    })
  }
  if (sources.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
  }
  const isMeasured = size === undefined || look !== undefined
  const original = isMeasured ? ((await single(0)).shape.slice(0, 2) as [number, number]) : size
  const preparation = { ...manner, size: size ?? original }
  const held: ImageSource = {
    count: sources.length,
    async *batches(indices) {
      yield* prefetch(indices, usualConcurrency(preparation.crop ?? preparation.size), async (index) => {
        const ready = await reading.readPrepared?.(sources[index] as I, preparation)
        return stackImages([ready ? ready.image : prepareImage(await single(index), preparation)])
      })
    },
  }
  return { held, preparation, original }
}
