import { verdict } from '@tab/adapters'
import { isTabError, TabError, tensor, type Tensor, type TabErrorCode } from '@tab/core'
import { imageBatches, type ImageBatch } from '@tab/data/node'
import type { PictureFolder } from '../files/picture-folder.ts'
import { samplesOf } from './find-images.ts'
import { notScored, type ImageResult } from './image-result.ts'
import type { OpenDetector } from './open-detector.ts'

/**
 * Draws a photograph with its anomaly map as a file, such as `heatmapFile` of @tab/report.
 * @param image [H,W,3] in [0,1]
 * @param map [H*W]
 */
export type DrawHeatmap = (image: Tensor, map: Float32Array, pixelThreshold: number | undefined) => Promise<Uint8Array>

export interface PredictImagesOptions {
  readonly batchSize: number
  readonly signal: AbortSignal
  /** Instead of the calibrated one. */
  readonly threshold: number | undefined
  /** Where heatmaps go, and how each is drawn as a file; undefined writes none. */
  readonly heatmaps: { readonly folder: PictureFolder; readonly draw: DrawHeatmap } | undefined
  /** Whether an image that cannot be read or has no finite score is a result without a score; else it is an error. */
  readonly skipUnreadable: boolean
  /** Whether the file is still the one that was read; of another nothing is said. */
  readonly isCurrent?: (path: string) => Promise<boolean>
}

/**
 * Scores image files: a result for each, batch by batch in their order.
 * @throws INVALID_DATA, NOT_FOUND, NUMERICAL naming an image that has no score, unless these are skipped; ABORTED
 */
export async function* predictImages(
  { detector, calibration, preparation }: OpenDetector,
  files: readonly string[],
  { batchSize, signal, threshold = calibration?.threshold, heatmaps, skipUnreadable, isCurrent }: PredictImagesOptions,
): AsyncGenerator<ImageResult> {
  const places = new Map(files.map((path, index) => [path, index]))
  let results: ImageResult[] = []
  const skip = (path: string, error: TabError): void => {
    results.push(notScored(path, error.message, threshold ?? null))
  }
  const reading = {
    ...preparation,
    batchSize,
    signal,
    ...(skipUnreadable ? { onUnreadable: ({ path }: { path: string }, error: TabError) => skip(path, error) } : {}),
  }
  const inOrder = (): ImageResult[] => {
    const place = ({ path }: ImageResult): number => places.get(path) ?? 0
    const some = results.sort((a, b) => place(a) - place(b))
    results = []
    return some
  }

  async function judge(path: string, image: Tensor, { score, map }: Scored): Promise<void> {
    const told = calibration && verdict(calibration, score)
    const heatmap = await heatmaps?.folder.write(path, await heatmaps.draw(image, map, calibration?.pixelThreshold))
    results.push({
      path,
      score,
      threshold: threshold ?? null,
      anomalous: threshold === undefined ? null : score > threshold, // strictly, as everywhere
      pValue: told?.pValue ?? null,
      normalizedScore: told?.normalizedScore ?? null,
      ...(heatmap === undefined ? {} : { heatmap }),
    })
  }

  for await (const batch of imageBatches(samplesOf(files), reading)) {
    for (const [index, scored] of (await scoresOf(detector, batch, signal)).entries()) {
      const { path } = batch.samples[index] as { path: string }
      if (isCurrent && !(await isCurrent(path))) continue
      if (!isTabError(scored)) await judge(path, imageOf(batch.images, index), scored)
      else if (skipUnreadable) skip(path, scored)
      else throw scored
    }
    yield* inOrder()
  }
  yield* inOrder()
}

interface Scored {
  readonly score: number
  readonly map: Float32Array
}

const OF_THE_IMAGE: readonly TabErrorCode[] = ['NUMERICAL', 'INVALID_DATA', 'INVALID_ARGUMENT', 'UNDEFINED_RESULT']

/** The score of each image of a batch, or why it has none: a score that is not finite is neither good nor anomalous. */
async function scoresOf(
  detector: OpenDetector['detector'],
  { images, samples }: Pick<ImageBatch, 'images' | 'samples'>,
  signal: AbortSignal,
): Promise<(Scored | TabError)[]> {
  try {
    const { scores, maps } = await detector.predict(images, { signal })
    return samples.map(({ path }, index) => {
      const score = scores.data[index]
      if (score !== undefined && Number.isFinite(score)) return { score, map: imageOf(maps, index).data }
      return new TabError('NUMERICAL', { where: path, expected: 'a finite score', actual: String(score) })
    })
  } catch (error) {
    if (!isTabError(error) || !OF_THE_IMAGE.includes(error.code)) throw error
    const [only] = samples
    if (only && samples.length === 1) {
      return [new TabError(error.code, { where: only.path, message: error.message, cause: error })]
    }
    const each: (Scored | TabError)[] = []
    for (const [index, sample] of samples.entries()) {
      const image = imageOf(images, index)
      const one = { images: tensor([1, ...image.shape], image.data), samples: [sample] }
      each.push(...(await scoresOf(detector, one, signal)))
    }
    return each
  }
}

/** One image of a batch [N,...]. */
function imageOf({ shape, data }: Tensor, index: number): Tensor {
  const length = data.length / (shape[0] as number)
  return tensor(shape.slice(1), data.subarray(index * length, (index + 1) * length))
}
