import { sizeOf, TabError, tensor, type LongTaskOptions, type Tensor } from '@tab/core'
import { originsOf, withOrigins } from './image-origins.ts'
import type { ImageSource } from './image-source.ts'
import { normalBatches } from './normal-batches.ts'

const BATCH = 8

export interface HoldImagesOptions extends LongTaskOptions {
  /** What errors name. Default `holdImages`. */
  readonly where?: string
}

/**
 * Reads good images to their end and keeps them in memory, 12 bytes per pixel, to be read more than once. Views of the batches are kept:
 * they must not change.
 * @param normals batches [N,H,W,3] in [0,1], all of one size
 * @throws INVALID_ARGUMENT without images, for another shape or several sizes; NUMERICAL, ABORTED
 * @example
 * ```ts
 * import { holdImages } from '@tab/adapters'
 * import { tensor } from '@tab/core'
 *
 * const image = (level: number) => tensor([1, 2, 2, 3], new Float32Array(12).fill(level))
 * const source = await holdImages([image(0), image(0.5), image(1)])
 * for await (const { shape, data } of source.batches([2, 0])) console.log(shape, data[0], data[12]) // [ 2, 2, 2, 3 ] 1 0
 * ```
 */
export async function holdImages(
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { where = 'holdImages', signal, onProgress }: HoldImagesOptions = {},
): Promise<ImageSource> {
  const images: Float32Array[] = []
  const origins: (readonly [number, number, number])[] = []
  let shape: readonly number[] = []
  for await (const batch of normalBatches(where, normals, signal)) {
    shape = batch.images.shape.slice(1)
    const length = sizeOf(shape)
    for (let start = 0; start < batch.images.data.length; start += length) {
      images.push(batch.images.data.subarray(start, start + length))
    }
    origins.push(...originsOf(batch.images))
    onProgress?.({ phase: 'read', done: images.length })
  }
  if (images.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
  }
  const isKnown = origins.some(([number]) => number >= 0)
  return {
    count: images.length,
    *batches(indices) {
      for (let start = 0; start < indices.length; start += BATCH) {
        const some = indices.slice(start, start + BATCH)
        const data = new Float32Array(some.length * sizeOf(shape))
        some.forEach((index, place) => data.set(images[index] as Float32Array, place * sizeOf(shape)))
        const batch = tensor([some.length, ...shape], data)
        yield isKnown
          ? withOrigins(
              batch,
              some.map((index) => origins[index] as (typeof origins)[number]),
            )
          : batch
      }
    },
  }
}
