import { calibrateThreshold } from '@tab/adapters'
import { TabError, type Detector, type DetectorRecipe, type LongTaskOptions, type Tensor } from '@tab/core'
import { goodImagesOf, type Dataset, type Problem, type Sample } from '@tab/data'
import { imageBatches, type ImageBatch, type ImageBatchOptions } from '@tab/data/node'
import { holdOut } from '../../fit/hold-out.ts'
import { metricTable } from './metric-table.ts'
import { someOf } from '../../results/evaluation-notes.ts'
import type { PixelMetricsMode } from '../../spec/evaluate-spec.ts'
import { usualBatchSize } from '../../usual-batch-size.ts'
import { pixelMetricsOf } from './pixel-metrics.ts'
import type {
  DecisionThreshold,
  EvaluationResults,
  PixelMetricsRecord,
  RunDescription,
} from '../../results/evaluation-results.ts'
import type { Evaluation } from '../../results/evaluation.ts'
import { noneReadable, noting, scoreTestSet } from './score-test-set.ts'

/** What is evaluated on what. */
export interface EvaluationPlan {
  readonly dataset: Dataset
  readonly recipe: DetectorRecipe
  /** `[height, width]` that images are resized to. */
  readonly size: readonly [number, number]
  /** Middle part kept after the resize. Default: all of it. */
  readonly crop?: readonly [number, number]
  /** How images are resized. Default `exact`. */
  readonly reading?: 'exact' | 'fast'
  /** Images per step. Default: 8, fewer for images above 448 px. */
  readonly batchSize?: number | undefined
  /** Leave out images that cannot be read, and count them, instead of failing. Default false. */
  readonly skipUnreadable?: boolean | undefined
  /** Hold good training images out of the fit and choose a threshold on them. Default: none. */
  readonly calibration?: { readonly rate: number; readonly seed: number }
  /** How pixel metrics are computed. Default: exact up to 2^26 pixels, bounded beyond. */
  readonly pixelMetrics?: PixelMetricsMode | undefined
  /** Names for the report: backbone, detector and its options. */
  readonly description: Pick<RunDescription, 'dataset' | 'backbone' | 'detector' | 'options'>
}

/**
 * Fits the recipe on the good training images and scores every test image. The caller disposes of what it gives.
 * @throws INVALID_DATA when the data set has no training or no test image that can be read, or one cannot be read and is not to be skipped
 * @example
 * ```ts
 * import { patchCore } from '@tab/adapters'
 * import { referenceBackend, type FeatureExtractor } from '@tab/core'
 * import { openDataset } from '@tab/data/node'
 * import { evaluateRecipe } from '@tab/pipeline/node'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // your own
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const evaluation = await evaluateRecipe({
 *   dataset: await openDataset('washers'),
 *   recipe: patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'] }),
 *   size: [32, 32],
 *   description: { dataset: 'washers', backbone: 'pixels', detector: 'patchcore', options: {} },
 * })
 * const { overall, run } = evaluation.results
 * console.log(overall.images, run.normals) // 7 4
 * evaluation.dispose()
 * ```
 */
export async function evaluateRecipe(
  plan: EvaluationPlan,
  { signal, onProgress }: LongTaskOptions = {},
): Promise<Evaluation> {
  const { dataset, recipe, size, crop, calibration } = plan
  const skipped = new Set<string>()
  const doubts = new Map<string, Problem>()
  const reading: ImageBatchOptions = {
    size,
    ...(crop ? { crop } : {}),
    ...(plan.reading ? { reading: plan.reading } : {}),
    batchSize: plan.batchSize ?? usualBatchSize(crop ?? size),
    signal,
    onDoubtfulMask: ({ id }, problem) => void doubts.set(id, problem),
    ...(plan.skipUnreadable ? { onUnreadable: ({ id }: Sample) => void skipped.add(id) } : {}),
  }
  const good = split(dataset, 'train')
  const test = split(dataset, 'test')
  const mode = pixelMetricsOf(plan.pixelMetrics, test.length, crop ?? size)
  // Images to hold out are drawn among those that can be read, as their number decides what the threshold promises.
  const usable = calibration && plan.skipUnreadable ? await readableOf(good, reading) : good
  const { rest: normals, heldOut } = calibration
    ? holdOut(usable, calibration.rate, calibration.seed)
    : { rest: usable, heldOut: [] }

  const start = performance.now()
  let fitted = 0
  let reason: TabError | undefined
  async function* normalImages(): AsyncGenerator<Tensor> {
    for await (const { images } of imageBatches(
      normals,
      noting(reading, (error) => (reason ??= error)),
    )) {
      yield images
      fitted += images.shape[0] as number
      onProgress?.({ phase: 'fit', done: fitted, total: normals.length })
    }
    if (fitted === 0) throw noneReadable('good training', normals, reason)
  }
  const detector = await recipe.fit(normalImages(), {
    signal,
    // The images are counted here, where their number is known.
    onProgress: (progress) => progress.phase === 'extract' || onProgress?.(progress),
  })
  try {
    const fitSeconds = (performance.now() - start) / 1000
    const threshold =
      calibration && (await thresholdOf(detector, calibration.rate, imageBatches(heldOut, reading), { signal }))
    const scoring = await scoreTestSet(detector, test, reading, mode, { signal, onProgress })
    const table = metricTable(scoring.set, scoring.metrics)
    const resolution = crop ?? size
    const run: RunDescription = {
      ...plan.description,
      normals: fitted,
      skipped: [...skipped],
      fitSeconds,
      resolution,
      ...(crop ? { resizedTo: size } : {}),
      pixelMetrics: recordOf(scoring.metrics),
      warnings: [
        ...[...(dataset.warnings ?? []), ...doubts.values()].map(({ path, message }) => `${path}: ${message}`),
        ...vanishedWarning(scoring.vanishedMasks, resolution),
      ],
      ...(threshold ? { threshold } : {}),
    }
    return { results: { ...table, run }, scoring, dispose: () => detector.dispose() }
  } catch (error) {
    detector.dispose()
    throw error
  }
}

async function readableOf(samples: readonly Sample[], reading: ImageBatchOptions): Promise<readonly Sample[]> {
  const readable: Sample[] = []
  let reason: TabError | undefined
  for await (const batch of imageBatches(samples, {
    ...noting(reading, (error) => (reason ??= error)),
    batchSize: 1,
  })) {
    readable.push(...batch.samples)
  }
  if (readable.length === 0) throw noneReadable('good training', samples, reason)
  return readable
}

/** How the metrics were computed, with the bound of those that tables show. */
function recordOf(metrics: EvaluationResults['metrics']): PixelMetricsRecord {
  if (!('binned' in metrics)) return { method: 'exact' }
  const { bins, errorBounds } = metrics.binned
  const shown = errorBounds.filter(({ metric }) => metric === 'pixel.auroc' || metric === 'pixel.aupro 0.3')
  return { method: 'bounded', bins, errorBound: Math.max(0, ...shown.map(({ errorBound }) => errorBound)) }
}

function vanishedWarning(ids: readonly string[], [height, width]: readonly [number, number]): string[] {
  if (ids.length === 0) return []
  return [
    `no pixel is left at ${height} x ${width} px of the defect masks of ${someOf(ids)}; ` +
      `pixel metrics take ${ids.length === 1 ? 'it' : 'them'} for good`,
  ]
}

async function thresholdOf(
  detector: Detector,
  falsePositiveRate: number,
  batches: AsyncIterable<ImageBatch>,
  task: LongTaskOptions,
): Promise<DecisionThreshold> {
  let sampleSize = 0
  async function* images(): AsyncGenerator<Tensor> {
    for await (const batch of batches) {
      sampleSize += batch.samples.length
      yield batch.images
    }
  }
  const { threshold: value, guaranteedRate } = await calibrateThreshold(detector, images(), {
    falsePositiveRate,
    ...task,
  })
  return { value, falsePositiveRate: guaranteedRate ?? falsePositiveRate, sampleSize }
}

function split(dataset: Dataset, name: 'train' | 'test'): readonly Sample[] {
  const samples = name === 'train' ? goodImagesOf(dataset) : dataset.samples.filter((sample) => sample.split === 'test')
  if (samples.length > 0) return samples
  throw new TabError('INVALID_DATA', {
    where: 'evaluate',
    expected: `${dataset.root} must hold ${name === 'train' ? 'good training' : 'test'} images`,
    actual: 'none',
  })
}
