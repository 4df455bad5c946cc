import { checkNumber, formatShape, isTabError, TabError, tensorOf, throwIfAborted, type Tensor } from '@tab/core'
import type { Sample } from '../dataset.ts'
import { prefetch, usualConcurrency } from '../prefetch.ts'
import { prepareMask, type Preparation } from '../prepare-image.ts'
import type { Problem } from '../problem.ts'
import { stackImages } from '../stack-images.ts'
import { checkMask } from './check-mask.ts'
import { readPreparedImage } from './read-prepared-image.ts'
import { readMask } from './read-mask.ts'

export interface ImageBatchOptions extends Preparation {
  /** The number of images per batch; the last batch may have fewer. */
  readonly batchSize: number
  /** The number of images read at once, ahead of their use. Default: 4, 2 where they have more than 4 million pixels. */
  readonly concurrency?: number
  readonly signal?: AbortSignal | undefined
  /** Called for an image that cannot be read, which is then skipped. Default: it is an error. */
  readonly onUnreadable?: (sample: Sample, error: TabError) => void
  /** Called for a defective image whose mask is doubtful but used: black and white may be swapped. */
  readonly onDoubtfulMask?: (sample: Sample, problem: Problem) => void
}

/** Images that go through a network together. */
export interface ImageBatch {
  /** [N,H,W,3] in [0,1] */
  readonly images: Tensor
  /** [N,H,W]; all 0 for a good part. */
  readonly masks: Tensor<'uint8'>
  readonly samples: readonly Sample[]
}

/**
 * Reads a sample and its mask, both resized and cropped; the mask by nearest neighbour.
 * @returns also the doubt of `checkMask` about the mask of a defective image, if any
 * @throws NOT_FOUND, INVALID_DATA naming the file; also if a mask differs in size from its image, or marks nothing although the image
 * is defective
 * @example
 * ```ts
 * import { openDataset, readPrepared } from '@tab/data/node'
 * const { samples } = await openDataset('washers')
 * const { image, mask } = await readPrepared(samples[0]!, { size: [32, 32] })
 * console.log(image.shape, mask.shape) // [ 32, 32, 3 ] [ 32, 32 ]
 * ```
 */
export async function readPrepared(
  sample: Sample,
  preparation: Preparation,
): Promise<{ image: Tensor; mask: Tensor<'uint8'>; doubt?: Problem }> {
  const [{ image, original }, mask] = await Promise.all([
    readPreparedImage(sample.path, preparation),
    sample.maskPath === undefined ? undefined : readMask(sample.maskPath),
  ])
  if (mask && formatShape(mask.shape) !== formatShape(original)) {
    throw new TabError('INVALID_DATA', {
      where: 'readPrepared',
      expected: `mask ${sample.maskPath} must have the size of ${sample.path}, ${original.join(' x ')}`,
      actual: mask.shape.join(' x '),
    })
  }
  const fault = mask && sample.label === 1 ? checkMask(mask) : undefined
  if (fault?.kind === 'black-mask') {
    throw new TabError('INVALID_DATA', {
      where: 'readPrepared',
      message: `the mask ${sample.maskPath} ${fault.message}`,
    })
  }
  const doubt = fault ? { doubt: { ...fault, path: sample.maskPath as string } } : {}
  const [height, width] = image.shape as [number, number, number]
  const none = (): Tensor<'uint8'> => tensorOf('uint8', [height, width], new Uint8Array(height * width))
  return { image, mask: mask ? prepareMask(mask, preparation) : none(), ...doubt }
}

/**
 * Yields batches of prepared images in the order of the samples, and reads ahead while earlier batches are used.
 * @throws INVALID_DATA, NOT_FOUND naming the file that cannot be read, unless `onUnreadable` is given; ABORTED
 * @example
 * ```ts
 * import { imageBatches, openDataset } from '@tab/data/node'
 * const { samples } = await openDataset('washers')
 * const sizes: number[] = []
 * for await (const { images } of imageBatches(samples, { size: [64, 64], batchSize: 8 })) sizes.push(images.shape[0]!)
 * console.log(sizes) // [ 8, 3 ]
 * ```
 */
export async function* imageBatches(
  samples: readonly Sample[],
  options: ImageBatchOptions,
): AsyncGenerator<ImageBatch> {
  const {
    batchSize,
    concurrency = usualConcurrency(options.crop ?? options.size),
    signal,
    onUnreadable,
    onDoubtfulMask,
  } = options
  checkNumber('imageBatches', 'batchSize', batchSize, { integer: true, minimum: 1 })
  checkNumber('imageBatches', 'concurrency', concurrency, { integer: true, minimum: 1 })

  async function read(sample: Sample) {
    try {
      return { sample, ...(await readPrepared(sample, options)) }
    } catch (error) {
      if (!onUnreadable || !isTabError(error)) throw error
      return { sample, error }
    }
  }
  let batch: { sample: Sample; image: Tensor; mask: Tensor<'uint8'> }[] = []
  throwIfAborted('imageBatches', signal)
  for await (const result of prefetch(samples, Math.max(concurrency, 1), read)) {
    throwIfAborted('imageBatches', signal)
    if ('error' in result) {
      onUnreadable?.(result.sample, result.error)
      continue
    }
    if (result.doubt) onDoubtfulMask?.(result.sample, result.doubt)
    batch.push(result)
    if (batch.length === batchSize) {
      yield stack(batch)
      batch = []
    }
  }
  if (batch.length > 0) yield stack(batch)
}

function stack(items: readonly { sample: Sample; image: Tensor; mask: Tensor<'uint8'> }[]): ImageBatch {
  const [height, width] = (items[0] as { mask: Tensor<'uint8'> }).mask.shape as [number, number]
  const area = height * width
  const masks = new Uint8Array(items.length * area)
  items.forEach(({ mask }, index) => masks.set(mask.data, index * area))
  return {
    images: stackImages(items.map(({ image }) => image)),
    masks: tensorOf('uint8', [items.length, height, width], masks),
    samples: items.map(({ sample }) => sample),
  }
}

/**
 * The images of {@link imageBatches} alone, as `fit` of a detector takes them.
 * @returns batches [N,H,W,3] in [0,1]
 * @throws as {@link imageBatches}
 * @example
 * ```ts
 * import { goodImagesOf } from '@tab/data'
 * import { openDataset, readImages } from '@tab/data/node'
 * const good = goodImagesOf(await openDataset('washers'))
 * for await (const images of readImages(good, { size: [32, 32], batchSize: 4 })) console.log(images.shape) // [ 4, 32, 32, 3 ]
 * ```
 */
export async function* readImages(samples: readonly Sample[], options: ImageBatchOptions): AsyncGenerator<Tensor> {
  for await (const { images } of imageBatches(samples, options)) yield images
}
