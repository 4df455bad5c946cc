import type { ImageSource } from '@tab/adapters'
import { tensor, type Tensor } from '@tab/core'
import type { Sample } from '@tab/data'
import { imageBatches, type ImageBatchOptions } from '@tab/data/node'

/** Good images that can all be read, as often as a fit needs them. */
export interface GoodImages extends ImageSource {
  readonly samples: readonly Sample[]
}

/**
 * Reads images through once, so that it is known which can be read before any is held out, and keeps as many in memory as `maxBytes`
 * hold; the others are read again each time.
 * @param reading with `onUnreadable`, which is called once for each image that is left out
 * @throws INVALID_DATA, NOT_FOUND naming the file, unless `onUnreadable` is given; ABORTED
 */
export async function readGoodImages(
  samples: readonly Sample[],
  reading: ImageBatchOptions,
  maxBytes: number,
  onRead?: (done: number) => void,
): Promise<GoodImages> {
  const readable: Sample[] = []
  const held: Tensor[] = []
  let bytes = 0
  for await (const { images, samples: batch } of imageBatches(samples, reading)) {
    const [count, ...shape] = images.shape as [number, number, number, number]
    const length = images.data.length / count
    bytes += images.data.byteLength
    if (bytes <= maxBytes) {
      for (let i = 0; i < count; i++)
        held.push(tensor([1, ...shape], images.data.subarray(i * length, (i + 1) * length)))
    }
    readable.push(...batch)
    onRead?.(readable.length)
  }
  return { ...goodImages(readable, reading, held), samples: readable }
}

/**
 * Images that are read when they are asked for.
 * @param held the first of them, each [1,H,W,3]
 */
export function goodImages(
  samples: readonly Sample[],
  reading: ImageBatchOptions,
  held: readonly Tensor[] = [],
): GoodImages {
  const { size, crop, filter, reading: how, signal } = reading // without onUnreadable: what could be read once and cannot now is an error
  const strict = {
    size,
    ...(crop ? { crop } : {}),
    ...(filter ? { filter } : {}),
    ...(how ? { reading: how } : {}),
    signal,
    batchSize: 1,
  }
  return {
    samples,
    count: samples.length,
    async *batches(indices) {
      const away = indices.filter((index) => !held[index]).map((index) => samples[index] as Sample)
      const files = imageBatches(away, strict)
      try {
        for (let start = 0; start < indices.length; start += reading.batchSize) {
          const batch: Tensor[] = []
          for (const index of indices.slice(start, start + reading.batchSize)) {
            const image = held[index] ?? (await files.next()).value?.images
            if (image) batch.push(image)
          }
          yield stack(batch)
        }
      } finally {
        await files.return(undefined)
      }
    },
  }
}

function stack(images: readonly Tensor[]): Tensor {
  const [first] = images as [Tensor]
  if (images.length === 1) return first
  const data = new Float32Array(images.length * first.data.length)
  images.forEach((image, index) => data.set(image.data, index * first.data.length))
  return tensor([images.length, ...first.shape.slice(1)], data)
}
