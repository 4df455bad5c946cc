import { calibrateThreshold } from '@tab/adapters'
import { TabError, type Detector, type DetectorRecipe, type LongTaskOptions, type Tensor } from '@tab/core'
import type { Dataset, Sample } from '@tab/data'
import { imageBatches, type ImageBatch, type ImageBatchOptions } from '@tab/data/node'
import { holdOut } from '../detection/hold-out.ts'
import { metricTable } from './metric-table.ts'
import type { DecisionThreshold, EvaluationResults, RunDescription } from './results.ts'
import { scoreTestSet, type Scoring } from './score-test-set.ts'

/** What is evaluated on what. */
export interface EvaluationPlan {
  readonly dataset: Dataset
  readonly recipe: DetectorRecipe
  /** `[height, width]` that images are resized to. */
  readonly size: readonly [number, number]
  /** Middle part kept behind the resize. Default: all of it. */
  readonly crop?: readonly [number, number]
  readonly batchSize: number
  /** Leave out images that cannot be read, and count them, instead of failing. */
  readonly skipUnreadable: boolean
  /** Hold good training images out of the fit and choose a threshold on them. Default: none. */
  readonly calibration?: { readonly rate: number; readonly seed: number }
  /** Names for the report: backbone, detector and its options. */
  readonly description: Pick<RunDescription, 'dataset' | 'backbone' | 'detector' | 'options'>
}

/** A finished evaluation: the numbers and what they were computed from. */
export interface Evaluation {
  readonly results: EvaluationResults
  readonly scoring: Scoring
}

/**
 * Fits the recipe on the good training images and scores every test image.
 * @throws INVALID_DATA when the data set has no training or no test image, or one cannot be read
 */
export async function evaluate(plan: EvaluationPlan, { signal, onProgress }: LongTaskOptions): Promise<Evaluation> {
  const { dataset, recipe, size, crop, batchSize } = plan
  const skipped: string[] = []
  const reading: ImageBatchOptions = {
    size,
    ...(crop ? { crop } : {}),
    batchSize,
    signal,
    ...(plan.skipUnreadable ? { onUnreadable: (sample: Sample) => void skipped.push(sample.id) } : {}),
  }
  const good = split(dataset, 'train')
  const { calibration } = plan
  const { rest: normals, heldOut } = calibration
    ? holdOut(good, calibration.rate, calibration.seed)
    : { rest: good, heldOut: [] }
  const test = split(dataset, 'test')

  const start = performance.now()
  let fitted = 0
  async function* normalImages(): AsyncGenerator<Tensor> {
    for await (const { images } of imageBatches(normals, reading)) {
      yield images
      fitted += images.shape[0] as number
      onProgress?.({ phase: 'fit', done: fitted, total: normals.length })
    }
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
    const scoring = await scoreTestSet(detector, test, reading, { signal, onProgress })
    const { overall, byDefect, metrics } = metricTable(scoring.set)
    const run: RunDescription = {
      ...plan.description,
      normals: fitted,
      skipped,
      fitSeconds,
      resolution: crop ?? size,
      ...(threshold ? { threshold } : {}),
    }
    return { results: { overall, byDefect, metrics, run }, scoring }
  } finally {
    detector.dispose()
  }
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

function split(dataset: Dataset, name: Sample['split']): readonly Sample[] {
  const samples = dataset.samples.filter((sample) => sample.split === name && (name === 'test' || sample.label === 0))
  if (samples.length > 0) return samples
  throw new TabError('INVALID_DATA', {
    where: 'evaluate',
    expected: `${dataset.root} must hold ${name === 'train' ? 'good training' : 'test'} images`,
    actual: 'none',
  })
}
