import { sizeOf, TabError, tensor, type LongTaskOptions, type Tensor } from '@tab/core'
import { normalBatches } from './normal-batches.ts'

const BATCH = 8

/** Good images kept in memory, 12 bytes per pixel, to be read more than once. */
export interface HeldImages {
  readonly count: number
  /** The images with these numbers, in this order, in small batches. */
  batches(indices: readonly number[]): Generator<Tensor>
}

/**
 * Reads a source to its end and keeps views of its images.
 * @throws INVALID_ARGUMENT without images, for another shape or several sizes; NUMERICAL, ABORTED
 */
export async function holdImages(
  where: string,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress }: LongTaskOptions,
): Promise<HeldImages> {
  const images: Float32Array[] = []
  let shape: readonly number[] = []
  for await (const batch of normalBatches(where, normals, signal)) {
    shape = batch.images.shape.slice(1)
    const length = sizeOf(shape)
    for (let start = 0; start < batch.images.data.length; start += length) {
      images.push(batch.images.data.subarray(start, start + length))
    }
    onProgress?.({ phase: 'read', done: images.length })
  }
  if (images.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
  }
  return {
    count: images.length,
    *batches(indices) {
      for (let start = 0; start < indices.length; start += BATCH) {
        const some = indices.slice(start, start + BATCH)
        const data = new Float32Array(some.length * sizeOf(shape))
        some.forEach((index, place) => data.set(images[index] as Float32Array, place * sizeOf(shape)))
        yield tensor([some.length, ...shape], data)
      }
    },
  }
}
