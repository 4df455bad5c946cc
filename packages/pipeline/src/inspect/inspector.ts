import type { Calibration, Preparation } from '@tab/adapters'
import { checkNumber, isTabError, throwIfAborted, type Detector, type LongTaskOptions, type Tensor } from '@tab/core'
import { placeInOriginal, prefetch, prepareImage, stackImages, usualConcurrency } from '@tab/data'
import type { Inspection } from './inspection.ts'
import { outsideRange, type PictureRange } from './picture-range.ts'
import { pictureStatistics } from './picture-statistics.ts'
import { pictureWarnings } from './picture-warnings.ts'
import { compareParity, type Parity } from '../parity/compare-parity.ts'
import { parityImages, type ParityCertificate } from '../parity/parity-certificate.ts'
import { createJudge, type PreparedImage } from './judge.ts'
import { usualBatchSize } from '../usual-batch-size.ts'
import { scoreImages } from './score-images.ts'

/** How a series of images is inspected. */
export interface InspectAllOptions extends LongTaskOptions {
  /** Images that go through the network together. Default: 8, fewer where they are larger than 448 px. */
  readonly batchSize?: number
  /** Images read at once, ahead of their use. Default: 4, 2 where they have more than 4 million pixels. */
  readonly concurrency?: number
}

/** A detector with its threshold, ready to judge images of the kind `I`. */
export interface Inspector<I = Tensor> {
  readonly calibration: Calibration | undefined
  /** How images are prepared: as those of the fit were. */
  readonly preparation: Preparation
  /** What a score must be above to be anomalous; null where nothing is judged. */
  readonly threshold: number | null
  readonly pixelThreshold: number | null
  /** The rate of false alarms that the threshold promises, or null. */
  readonly guaranteedRate: number | null
  /**
   * Prepares, scores and judges an image. One that the detector cannot score, or a detector without threshold, is `not-judged`.
   * @throws what reading the image throws; INVALID_ARGUMENT for pixels that are no image in [0,1], NUMERICAL for NaN in them; DISPOSED,
   *   ABORTED
   */
  inspect(image: I, options?: Pick<LongTaskOptions, 'signal'>): Promise<Inspection>
  /**
   * Inspects a series of images, batch by batch: an inspection for each, in their order. One that cannot be read is `not-judged`, with its `error`.
   * @throws DISPOSED, ABORTED, and what the series itself throws
   */
  inspectAll(images: Iterable<I> | AsyncIterable<I>, options?: InspectAllOptions): AsyncGenerator<Inspection>
  /**
   * Scores two pictures that everybody can draw, and compares scores and maps with those at the fit, which the detector file has: whether this machine
   * and this engine judge as those of the fit do.
   * @returns null for a file of an earlier version, which has none
   * @throws INCOMPATIBLE where they differ by more than the file allows; what scoring an image throws
   */
  checkParity(options?: Pick<LongTaskOptions, 'signal'>): Promise<Parity | null>
  dispose(): void
}

/** What an inspector is made of. */
export interface InspectorParts<I> {
  readonly detector: Pick<Detector, 'predict'>
  readonly calibration: Calibration | undefined
  readonly preparation: Preparation
  /** In place of the calibrated one. */
  readonly threshold?: number | undefined
  /** Pixels of a picture that the smallest defect is wide that must be found. */
  readonly smallestDefect?: number | undefined
  /** Names of the good images, by their number. Default: not known. */
  readonly goodImages?: readonly string[] | undefined
  /** What pictures must be like to be judged. Default: anything. */
  readonly pictures?: PictureRange | undefined
  /** What it said of known pictures when it was fitted. Default: not known. */
  readonly parity?: ParityCertificate | undefined
  /** The pixels [H,W,3] in [0,1] of an image. */
  readonly read: (image: I) => Tensor | Promise<Tensor>
  /** An image that is read as it is prepared, with the size that it had; undefined where it must be read whole. Default: all are. */
  readonly readPrepared?: (
    image: I,
    preparation: Preparation,
  ) => Promise<{ readonly image: Tensor; readonly original: readonly [number, number] }> | undefined
  /** How messages call an image. */
  readonly nameOf: (image: I) => string
  readonly dispose: () => void
}

const WHERE = 'inspector.inspect'

/** An inspector of a detector that is open; all others are made by it. */
export function createInspector<I>(parts: InspectorParts<I>): Inspector<I> {
  const { detector, calibration, preparation, pictures, read, readPrepared, nameOf, dispose } = parts
  const { judge, refuse, ...limits } = createJudge(
    calibration,
    parts.threshold,
    (original) => pictureWarnings({ original, preparation, smallestDefect: parts.smallestDefect }),
    parts.goodImages,
    ({ image, original }) => pictures && outsideRange(pictures, pictureStatistics(image), original),
  )

  async function prepared(source: I): Promise<PreparedImage> {
    const ready = await readPrepared?.(source, preparation)
    if (ready) return { ...ready, place: placeInOriginal(preparation, ready.original) }
    const pixels = await read(source)
    const image = prepareImage(pixels, preparation)
    const original = pixels.shape.slice(0, 2) as [number, number]
    return { image, original, place: placeInOriginal(preparation, original) }
  }

  return {
    calibration,
    preparation,
    ...limits,
    async inspect(source, { signal } = {}) {
      throwIfAborted(WHERE, signal)
      const one = await prepared(source)
      throwIfAborted(WHERE, signal)
      const [scored] = await scoreImages(detector, stackImages([one.image]), [nameOf(source)], signal)
      throwIfAborted(WHERE, signal)
      return judge(one, scored as Exclude<typeof scored, undefined>)
    },
    async *inspectAll(sources, { signal, onProgress, ...options } = {}) {
      const where = 'inspector.inspectAll'
      const size = preparation.crop ?? preparation.size
      const { batchSize = usualBatchSize(size), concurrency = usualConcurrency(size) } = options
      checkNumber(where, 'batchSize', batchSize, { integer: true, minimum: 1 })
      let done = 0
      let waiting: { readonly name: string; readonly read: PreparedImage | Inspection }[] = []
      async function* told(): AsyncGenerator<Inspection> {
        const some = waiting
        waiting = []
        const images = some.flatMap(({ name, read: one }) => ('verdict' in one ? [] : [{ name, image: one.image }]))
        const scores =
          images.length === 0
            ? []
            : await scoreImages(
                detector,
                stackImages(images.map(({ image }) => image)),
                images.map(({ name }) => name),
                signal,
              )
        for (const { read: one } of some) {
          yield 'verdict' in one ? one : judge(one, scores.shift() as (typeof scores)[number])
          onProgress?.({ phase: 'inspect', done: ++done })
        }
      }
      throwIfAborted(where, signal)
      const reading = prefetch(sources, concurrency, async (source) => {
        try {
          return { name: nameOf(source), read: await prepared(source) }
        } catch (error) {
          if (!isTabError(error)) throw error
          return { name: nameOf(source), read: refuse(error, null) }
        }
      })
      for await (const one of reading) {
        throwIfAborted(where, signal)
        waiting.push(one)
        if (waiting.length >= batchSize) yield* told()
      }
      yield* told()
    },
    async checkParity({ signal } = {}) {
      const where = 'inspector.checkParity'
      throwIfAborted(where, signal)
      if (!parts.parity) return null
      return compareParity(where, parts.parity, await parityImages(detector, preparation, { signal }))
    },
    dispose,
  }
}
