import { loadDetector, saveDetector } from '@tab/adapters'
import type { Detector, LongTaskOptions } from '@tab/core'
import type { Sample } from '@tab/data'
import { readPrepared, type ImageBatchOptions } from '@tab/data/node'
import { bootstrap } from '@tab/metrics'
import { fitDetector } from '../../fit/fit-detector.ts'
import { planThreshold } from '../../fit/plan-threshold.ts'
import type { ChoiceCost, MeasuredCandidate, Quality } from '../../results/choice.ts'
import type { Scoring } from '../../results/evaluation.ts'
import { usualBatchSize } from '../../usual-batch-size.ts'
import { pixelMetricsOf } from '../evaluate/pixel-metrics.ts'
import { scoreTestSet } from '../evaluate/score-test-set.ts'
import { goodImages } from '../fit/good-images.ts'
import { planPictures, type PicturePlan } from '../picture-recipe.ts'
import type { CandidateTools, OpenedCandidate } from './candidate-tools.ts'
import type { Candidate } from './candidates.ts'
import type { DividedImages } from './divide-good.ts'
import { aurocOfUnits, judgedUnits, type JudgedUnits } from './judged-units.ts'
import type { PaintedDefect } from './paint-defects.ts'
import { pixelIntervals } from './pixel-intervals.ts'
import { foundByWidth, smallestDefect } from './smallest-defect.ts'

/** Photographs to fit and judge on. */
export interface ChoiceImages extends DividedImages {
  readonly painted: readonly PaintedDefect[]
  /** Whether the defects of the data set are enough to judge by. */
  readonly isJudgedByReal: boolean
}

/** Images that were scored, and what is resampled of them. */
export interface JudgedScores {
  readonly scores: Float32Array
  readonly labels: readonly number[]
  readonly units: JudgedUnits
}

/** What was measured of a candidate, before it is compared with others. */
export type CandidateFigures = Omit<MeasuredCandidate, 'standing' | 'gap'>

/** A candidate's figures, and the scores that it is compared with others by. */
export interface Measurement {
  readonly candidate: Candidate
  readonly figures: CandidateFigures
  /** What it is compared by: on defects of the data set, then on synthetic ones. */
  readonly judged: readonly (JudgedScores & { readonly on: 'real' | 'synthetic' })[]
  /** Time that it took, all in all. */
  readonly seconds: number
}

/** How a candidate is opened and its images are prepared. */
export interface PreparedCandidate {
  readonly pictures: PicturePlan
  readonly reading: ImageBatchOptions
  readonly opened: OpenedCandidate
}

const TIMED_IMAGES = 5
const RESAMPLES = 1000

export async function prepareCandidate(
  candidate: Candidate,
  tools: CandidateTools,
  fitted: readonly Sample[],
  seed: number,
  task: LongTaskOptions,
): Promise<PreparedCandidate> {
  const { imageSize, tiles, reading: how } = candidate
  const manner = { imageSize, reading: how === 'fast' ? how : undefined, tiles: tiles ?? undefined }
  const pictures = await planPictures({ ...manner, filter: 'bilinear' }, fitted)
  const { preparation, seen } = pictures
  const reading = { ...preparation, batchSize: usualBatchSize(preparation.size), signal: task.signal }
  return { pictures, reading, opened: await tools.open(candidate, seen, seed, task) }
}

/** What tells photographs apart: of a synthetic defect the one that it is painted on. */
export function photographsOf(painted: readonly PaintedDefect[]): (sample: Sample) => string {
  const sources = new Map(painted.map(({ sample, source }) => [sample.path, source.path]))
  return ({ path }) => sources.get(path) ?? path
}

/**
 * Fits a candidate with its threshold as `fit` does, scores the good images that it did not see and defects, and times it.
 * @throws what the method says of its settings and images; ABORTED
 */
export async function measureCandidate(
  candidate: Candidate,
  images: ChoiceImages,
  tools: CandidateTools,
  seed: number,
  task: LongTaskOptions,
): Promise<Measurement> {
  const begun = performance.now()
  const { fitted, good, defects, painted, isJudgedByReal } = images
  const { pictures, reading, opened } = await prepareCandidate(candidate, tools, fitted, seed, task)
  const start = performance.now()
  const { detector, calibration } = await fitDetector(
    {
      recipe: pictures.looking(opened.recipe),
      images: goodImages(fitted, reading),
      numbers: fitted.map((_, index) => index),
      seed,
      threshold: planThreshold(fitted.length, { rate: undefined, folds: undefined }),
      isReadAgain: candidate.tiles !== null,
    },
    { signal: task.signal },
  )
  const fitSeconds = (performance.now() - start) / 1000
  try {
    const photographOf = photographsOf(painted)
    const score = async (anomalous: readonly Sample[]) => {
      const samples = [...good, ...anomalous]
      const scoring = await scoreTestSet(
        detector,
        samples,
        reading,
        pixelMetricsOf(undefined, samples.length, reading.size),
        { signal: task.signal, isCurveDrawn: false },
      )
      return judge(scoring, judgedUnits(samples, photographOf), reading.size, seed, task)
    }
    const synthetic = painted.length > 0 ? await score(painted.map(({ sample }) => sample)) : null
    const real = isJudgedByReal ? await score(defects) : null
    const decisive = (real ?? synthetic) as NonNullable<typeof real>
    const threshold = calibration?.threshold
    const alarms = decisive.judged.scores.subarray(0, good.length)
    const scoreOf = (index: number): number => synthetic?.judged.scores[good.length + index] as number
    const scored = painted.map(({ width }, index) => ({ width, score: scoreOf(index) }))
    const found = threshold === undefined ? null : foundByWidth(scored, threshold)
    const bytes = await saveDetector(detector, { calibration, preparation: pictures.preparation })
    const { name, backbone, detector: method, imageSize, tiles, reading: how } = candidate
    const figures = {
      ...{ name, backbone: backbone.name, detector: method, imageSize, tiles, reading: how },
      synthetic: synthetic?.quality ?? null,
      real: real?.quality ?? null,
      threshold: calibration
        ? {
            value: calibration.threshold,
            rate: calibration.guaranteedRate ?? calibration.falsePositiveRate,
            isGuaranteed: calibration.guaranteedRate !== null,
          }
        : null,
      falseAlarms:
        threshold === undefined ? null : { found: alarms.filter((value) => value > threshold).length, of: good.length },
      found,
      smallestDefect: found && smallestDefect(found),
      cost: {
        ...(await timesOf(bytes, opened, good.slice(0, TIMED_IMAGES), reading)),
        megabytes: bytes.byteLength / 1e6,
        bankSize: detector.state().tensors['bank']?.shape[0] ?? null,
        fitSeconds,
      },
    }
    const judged = [
      ...(real ? [{ on: 'real' as const, ...real.judged }] : []),
      ...(synthetic ? [{ on: 'synthetic' as const, ...synthetic.judged }] : []),
    ]
    return { candidate, figures, judged, seconds: (performance.now() - begun) / 1000 }
  } finally {
    detector.dispose()
  }
}

/** Metrics with intervals, and what they are of. */
async function judge(
  scoring: Scoring,
  units: JudgedUnits,
  size: readonly [number, number],
  seed: number,
  { signal }: LongTaskOptions,
): Promise<{ readonly quality: Quality; readonly judged: JudgedScores }> {
  const { scores } = scoring.set
  const labels = scoring.samples.map(({ label }) => label)
  const { image, pixel } = scoring.metrics.overall
  const options = { seed, resamples: RESAMPLES, signal }
  const { interval } = await bootstrap(units.strata, aurocOfUnits(units, scores, labels), options)
  // Without the maps in memory each resample would predict all images again.
  const isExact = !('binned' in scoring.metrics)
  const intervals = isExact ? await pixelIntervals(scoring, units, size, seed, { signal }) : null
  const figure = (value: number | null | undefined, own: readonly [number, number] | undefined) =>
    value === null || value === undefined ? null : { value, interval: own ?? null }
  const aupro = pixel?.aupro.find(({ fprLimit }) => fprLimit === 0.3)?.value
  return {
    quality: {
      imageAuroc: { value: image.auroc as number, interval },
      pixelAuroc: figure(pixel?.auroc, intervals?.auroc),
      aupro: figure(aupro, intervals?.aupro),
    },
    judged: { scores, labels, units },
  }
}

/** Times of images one by one, as they come from a line: by the detector as its file gives it, on features that nothing keeps. */
async function timesOf(
  bytes: Uint8Array,
  { extractor, backend }: OpenedCandidate,
  samples: readonly Sample[],
  reading: ImageBatchOptions,
): Promise<Pick<ChoiceCost, 'milliseconds' | 'readMilliseconds'>> {
  const { detector } = await loadDetector(bytes, { extractor, backend })
  try {
    const first = samples[0] as Sample
    await timeOf(detector, first, reading) // the first is slower
    const times: { read: number; all: number }[] = []
    for (let index = 0; index < TIMED_IMAGES; index++) {
      times.push(await timeOf(detector, samples[index % samples.length] as Sample, reading))
    }
    const median = (values: readonly number[]): number =>
      [...values].sort((left, right) => left - right)[values.length >> 1] as number
    return {
      milliseconds: median(times.map(({ all }) => all)),
      readMilliseconds: median(times.map(({ read }) => read)),
    }
  } finally {
    detector.dispose()
  }
}

async function timeOf(
  detector: Detector,
  sample: Sample,
  reading: ImageBatchOptions,
): Promise<{ readonly read: number; readonly all: number }> {
  const start = performance.now()
  const { image } = await readPrepared(sample, reading)
  const read = performance.now() - start
  await detector.predict({ ...image, shape: [1, ...image.shape] }, { signal: reading.signal })
  return { read, all: performance.now() - start }
}
