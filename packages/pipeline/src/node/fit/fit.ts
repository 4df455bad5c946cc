import { basename, dirname, resolve } from 'node:path'
import { memoizedExtractor, saveDetector, type Preparation } from '@tab/adapters'
import { isTabError, TabError, type FeatureExtractor, type LongTaskOptions } from '@tab/core'
import { imageAt, type Sample } from '@tab/data'
import type { ImageBatchOptions } from '@tab/data/node'
import { FIT_SPEC, type FitSpec } from '../../spec/fit-spec.ts'
import { findForeground } from '../../inspect/find-foreground.ts'
import { pictureWarnings } from '../../inspect/picture-warnings.ts'
import { copiesOf, type DetectorMethod } from '../../spec/detector-spec.ts'
import { DEFAULT_BACKBONE } from '../../spec/default-backbone.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { claimOutput } from '../files/claim-output.ts'
import { planPictures } from '../picture-recipe.ts'
import { openRecipe } from '../open-recipe.ts'
import { THIS_PACKAGE, type PipelineTask } from '../pipeline-task.ts'
import { openNoted } from '../open-noted.ts'
import { requireGoodImages } from '../require-good-images.ts'
import { checkSuspects, type SuspectsReport } from './check-suspects.ts'
import { formatNotes, type SuspectNote } from './detector-notes.ts'
import { makeCertificate } from '../../parity/parity-certificate.ts'
import { fitDetector, type FittedDetector } from '../../fit/fit-detector.ts'
import { goodImages, readGoodImages, type GoodImages } from './good-images.ts'
import { measuredSource } from '../../fit/measured-source.ts'
import { mapUnseen, type MappedImage } from './map-unseen.ts'
import { planThreshold, type ThresholdPlan } from '../../fit/plan-threshold.ts'
import { usualBatchSize } from '../../usual-batch-size.ts'
import { suspectsSheetPath } from './suspects-sheet-path.ts'

export interface FitTask extends PipelineTask {
  /** Draws the suspects, as `suspectsSheet` of @tab/report/node does. Default: no sheet is written. */
  readonly drawSuspects?: ((suspects: readonly MappedImage[]) => Promise<Uint8Array>) | undefined
}

/** What was fitted. */
export interface FitResult {
  /** Absolute path of its file. */
  readonly detector: string
  readonly method: DetectorMethod
  /** Whether its features are adapted to the part. */
  readonly adapted: boolean
  /** Name of the backbone. */
  readonly backbone: string
  /** Good images fitted on, and held out for the threshold. */
  readonly images: { readonly fitted: number; readonly heldOut: number }
  /** Ids of images left out as unreadable. */
  readonly skipped: readonly string[]
  /** How the threshold was made, or why there is none. */
  readonly plan: ThresholdPlan
  /** A score above it is anomalous; null without one. */
  readonly threshold: number | null
  readonly falsePositiveRate: number | null
  /** Null where nothing guarantees the rate. */
  readonly guaranteedRate: number | null
  /** Photographs that look unlike the others; null where they were not looked for, for the reason in `unchecked`. */
  readonly suspects: readonly SuspectNote[] | null
  readonly unchecked?: string
  /** Paths of those that were left out of the fit. */
  readonly dropped: readonly string[]
  /** What is wrong with the size of the images: reduced too far for the smallest defect, or squeezed. */
  readonly warnings: readonly string[]
  /** Absolute path of the picture of the suspects; null where there is none. */
  readonly contactSheet: string | null
}

const SHOWN = 99 // suspects on the contact sheet
const HELD_BYTES = 2 ** 29 // of images kept in memory, and as much of features, while they are fitted on several times

/** Why photographs were not checked where `spec.suspects` is `skip`. */
const SKIPPED = 'spec.suspects is skip'
/** Why they were not, unless told. */
const TILED = 'which takes long with spec.tiles'

/**
 * Fits a detector on images of good parts and writes it to a file, with a threshold. Photographs among them that look unlike the others
 * are listed, and drawn in `NAME.suspects.png` beside the file.
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND naming the field or the file, before long work where it can be told; ABORTED
 * @example
 * ```ts
 * import { fit } from '@tab/pipeline/node'
 *
 * const { images, threshold } = await fit({
 *   data: 'washers',
 *   backbone: 'resnet18.safetensors', // or a hub id, such as timm/resnet18.a1_in1k
 *   output: 'washer.safetensors',
 *   imageSize: [64, 64],
 * })
 * console.log(images.fitted, typeof threshold) // 4 number
 * ```
 */
export async function fit(given: FitSpec, task: FitTask = {}): Promise<FitResult> {
  const spec = parseSpec(FIT_SPEC, given)
  const { data, output, detector: method = { method: 'patchcore' }, seed = 0, tiles } = spec
  const { backbone = DEFAULT_BACKBONE, suspects: search = tiles ? 'skip' : 'list' } = spec
  const { signal, onProgress } = task
  const sheet = suspectsSheetPath(output, data)
  const [file, picture] = [basename(output), basename(sheet)]
  await using claim = await claimOutput(dirname(output), [file, picture], spec.overwrite ?? false, {
    reads: [data, backbone],
    optional: [picture],
  })
  const { layout, category } = spec
  const samples = requireGoodImages(await openNoted(data, { layout, category, signal }, task.onNote), 'spec.data', data)
  const remember = (own: FeatureExtractor): FeatureExtractor =>
    search === 'skip' ? own : memoizedExtractor(own, { maxBytes: HELD_BYTES })
  const pictures = await planPictures({ ...spec, filter: spec.filter ?? 'bilinear' }, samples)
  const source = { weights: backbone, foreign: spec.foreign, size: pictures.seen }
  const opened = await openRecipe(method, source, seed, { signal, onProgress }, remember)
  const { extractor, name } = opened
  const [recipe, plain] = [pictures.looking(opened.recipe), pictures.looking(opened.plain)]
  if (opened.note !== undefined) task.onNote?.(opened.note)
  let fitted: FittedDetector | undefined
  try {
    const { preparation } = pictures
    const { images, skipped } = await readImages(samples, { ...spec, suspects: search }, preparation, task)
    if (spec.foreground) await noteGround(images, task)
    const report: SuspectsReport =
      search === 'skip'
        ? { suspects: undefined, unchecked: spec.suspects === undefined ? TILED : SKIPPED }
        : await checkSuspects(plain, images, seed, { signal, onProgress })
    const found = report.suspects ?? []
    const numbersOf = found.map(({ sample }) => images.samples.indexOf(sample))
    const every = images.samples.map((_, index) => index)
    const unsuspicious = every.filter((index) => !numbersOf.includes(index))
    const numbers = search === 'drop' ? unsuspicious : every
    const threshold = planThreshold(numbers.length, { rate: spec.calibrate, folds: spec.folds })
    const measured = measuredSource(images)
    const plan = { recipe, images: measured, numbers, seed, threshold, isReadAgain: tiles !== undefined }
    fitted = await fitDetector(plan, { signal, onProgress }).catch(ofFields)
    const suspects = report.suspects?.map(({ sample: { path }, score, pValue }) => ({ path, score, pValue })) ?? null
    const dropped = search === 'drop' ? found.map(({ sample }) => sample.path) : []
    const { calibration } = fitted
    const notes = formatNotes({
      backbone: { path: opened.source, name, foreign: opened.foreign },
      layers: opened.layers,
      symmetries: copiesOf(method),
      images: fitted.images,
      threshold: fitted.threshold,
      suspects,
      dropped,
      madeBy: task.madeBy ?? THIS_PACKAGE,
      goodImages: images.samples.map(({ path }) => path),
      pictures: measured.range(pictures.original),
      parity: await makeCertificate(fitted.detector, preparation, { signal }),
      ...(spec.smallestDefect === undefined ? {} : { smallestDefect: spec.smallestDefect }),
    })
    const files: Record<string, Uint8Array> = {
      [file]: await saveDetector(fitted.detector, { calibration, preparation, notes }),
    }
    const isDrawn = found.length > 0 && task.drawSuspects !== undefined
    if (isDrawn) {
      const parts = { recipe, images, detector: fitted.detector }
      const others = search === 'drop' ? undefined : unsuspicious
      files[picture] = await task.drawSuspects(await mapUnseen(parts, numbersOf.slice(0, SHOWN), others))
    }
    await claim.publish(files)
    return {
      detector: resolve(output),
      method: method.method,
      adapted: method.method === 'patchcore' && method.adapt === true,
      backbone: name,
      images: fitted.images,
      skipped,
      plan: fitted.threshold,
      threshold: calibration?.threshold ?? null,
      falsePositiveRate: calibration?.falsePositiveRate ?? null,
      guaranteedRate: calibration?.guaranteedRate ?? null,
      suspects,
      ...(report.unchecked === undefined ? {} : { unchecked: report.unchecked }),
      dropped,
      warnings: pictureWarnings({ ...pictures, smallestDefect: spec.smallestDefect }),
      contactSheet: isDrawn ? resolve(sheet) : null,
    }
  } finally {
    fitted?.detector.dispose()
    extractor.dispose()
  }
}

/** Says where nothing tells the part from its ground, so that all of an image is looked at. */
async function noteGround(images: GoodImages, { onNote }: FitTask): Promise<void> {
  for await (const batch of images.batches([0])) {
    const { data } = await findForeground(imageAt(batch, 0))
    if (data.includes(0)) return
    const { path } = images.samples[0] as Sample
    onNote?.(`spec.foreground: no part on a ground of one colour is found in ${path}, so all of it is looked at`)
  }
}

/** The images of a fit: read through once where several fits, or what can be read, ask for it. */
async function readImages(
  samples: readonly Sample[],
  { suspects, skipUnreadable = false, batchSize }: FitSpec,
  preparation: Preparation,
  { signal, onProgress }: LongTaskOptions,
): Promise<{ images: GoodImages; skipped: readonly string[] }> {
  const skipped: string[] = []
  const onUnreadable = skipUnreadable ? { onUnreadable: ({ id }: Sample) => void skipped.push(id) } : {}
  const reading: ImageBatchOptions = {
    ...preparation,
    batchSize: batchSize ?? usualBatchSize(preparation.crop ?? preparation.size),
    signal,
    ...onUnreadable,
  }
  const isSearched = suspects !== 'skip'
  const images =
    isSearched || skipUnreadable
      ? await readGoodImages(samples, reading, isSearched ? HELD_BYTES : 0, (done) =>
          onProgress?.({ phase: 'read', done, total: samples.length }),
        )
      : goodImages(samples, reading)
  if (images.count > 0) return { images, skipped }
  const actual = `none of ${samples.length}`
  throw new TabError('INVALID_DATA', { where: 'spec.data', expected: 'good images that can be read', actual })
}

/** Rethrows a refusal of cross-fitting with the fields that it is about in place of the operation. */
function ofFields(error: unknown): never {
  if (!isTabError(error, 'INVALID_ARGUMENT') || error.where !== 'crossCalibrate') throw error
  const message = error.message.replace(`${error.where}: `, '')
  throw new TabError(error.code, { where: 'spec.folds or spec.calibrate', message, cause: error })
}
