import { patchCore, searchSuspects, SUSPECTS_NEED, type ImageSource } from '@tab/adapters'
import { TabError, type Tensor } from '@tab/core'
import { prepareImage, stackImages } from '@tab/data'
import { readImage } from '@tab/data/browser'
import { fitInspector } from '@tab/pipeline/browser'
import type { GoodPicture, Learned, LearnProgress, LearnRequest, Suspect } from './engine-api.ts'
import { LAYERS, type Runtime } from './runtime.ts'
import { sizeFor } from './size-for.ts'

/** Pictures as they were prepared, kept for the next fit. */
export type PreparedPictures = Map<string, Tensor>

/**
 * Learns from good pictures as `tab fit` does: reads them, fits and makes the threshold.
 * @throws TabError naming the picture that cannot be read
 */
export async function learn(
  runtime: Runtime,
  prepared: PreparedPictures,
  request: LearnRequest,
  onProgress: (progress: LearnProgress) => void,
): Promise<Learned> {
  const start = performance.now()
  const { remembering: extractor, backend, backbone } = runtime
  const { images, size, heldBytes } = await readPictures(runtime, prepared, request, onProgress)
  onProgress({ phase: 'learn', done: 0, total: 1 })
  const fitted = await fitInspector({
    images,
    extractor,
    backend,
    preparation: { size },
    onProgress: ({ done, total: all = 1 }) => onProgress({ phase: 'learn', done, total: all }),
  })
  try {
    const file = await fitted.save({
      backbone: { path: backbone, name: backbone },
      madeBy: 'TAB Studio',
      goodImages: request.pictures.map(({ name }) => name),
    })
    return { file, seconds: (performance.now() - start) / 1000, heldBytes }
  } finally {
    fitted.dispose()
  }
}

/**
 * Looks for good pictures unlike the others, as `tab fit` does.
 * @returns null for too few
 * @throws TabError naming the picture that cannot be read, ABORTED
 */
export async function compare(
  runtime: Runtime,
  prepared: PreparedPictures,
  request: LearnRequest,
  signal: AbortSignal,
): Promise<readonly Suspect[] | null> {
  if (request.pictures.length < SUSPECTS_NEED) return null
  const { images } = await readPictures(runtime, prepared, request)
  const source: ImageSource = {
    count: images.length,
    batches: (indices) => indices.map((index) => stackImages([images[index] as Tensor])),
  }
  const { remembering: extractor, backend } = runtime
  const found = await searchSuspects(patchCore({ extractor, backend, layers: LAYERS }), source, { signal })
  return found.map(({ index, pValue }) => ({ name: (request.pictures[index] as GoodPicture).name, pValue }))
}

interface ReadPictures {
  readonly images: readonly Tensor[]
  readonly size: readonly [number, number]
  readonly heldBytes: number
}

/** The pictures as prepared; their features are then remembered. */
async function readPictures(
  { remembering }: Runtime,
  prepared: PreparedPictures,
  { pictures, side }: LearnRequest,
  onProgress: (progress: LearnProgress) => void = () => undefined,
): Promise<ReadPictures> {
  const images: Tensor[] = []
  let size: readonly [number, number] | undefined
  let heldBytes = 0
  for (const [done, picture] of pictures.entries()) {
    onProgress({ phase: 'read', done, total: pictures.length })
    const kept: Tensor | undefined = size && prepared.get(keyOf(picture, size))
    const pixels: Tensor | undefined = kept ? undefined : await readPicture(picture)
    size ??= sizeFor((pixels as Tensor).shape as unknown as readonly [number, number], side)
    const image = kept ?? prepareImage(pixels as Tensor, { size })
    prepared.set(keyOf(picture, size), image)
    images.push(image)
    const features = await remembering.extract(stackImages([image]), LAYERS)
    for (const { data } of [image, ...features.values()]) heldBytes += data.byteLength
  }
  if (!size) throw new TabError('INVALID_ARGUMENT', { where: 'learn', expected: 'good pictures', actual: 'none' })
  return { images, size, heldBytes }
}

function keyOf({ id }: GoodPicture, size: readonly [number, number]): string {
  return `${id} ${size.join('x')}`
}

async function readPicture({ name, blob }: GoodPicture): Promise<Tensor> {
  try {
    return await readImage(blob)
  } catch (cause) {
    const actual = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('INVALID_DATA', { where: name, expected: 'a readable picture', actual, cause })
  }
}
