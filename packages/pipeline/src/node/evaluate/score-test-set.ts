import { TabError, type Detector, type LongTaskOptions, type Prediction, type TabError as Refusal } from '@tab/core'
import type { Sample } from '@tab/data'
import { imageBatches, readPrepared, type ImageBatch, type ImageBatchOptions } from '@tab/data/node'
import { createBinnedDetection, evaluateDetection, whereDefined } from '@tab/metrics'
import type { ScoredSet, Scoring } from '../../results/evaluation.ts'
import { keepPixels, type KeptPixels } from './kept-pixels.ts'
import { sampleMaps } from './map-sample.ts'
import type { PixelMetricsMode } from '../../spec/evaluate-spec.ts'

export interface ScoringTask extends LongTaskOptions {
  /** Whether the PRO curve is computed, which takes a second or two. Default true. */
  readonly isCurveDrawn?: boolean
}

/**
 * Scores every test image. With `exact` metrics all maps are kept; with `bounded` ones none, so that memory does not grow with pixels.
 * @param samples the test split
 * @param reading how images are read; one that cannot be read is an error or left out, as it says
 * @throws INVALID_DATA when no image could be read; NUMERICAL naming the image whose score or map is not finite
 */
export async function scoreTestSet(
  detector: Detector,
  samples: readonly Sample[],
  reading: ImageBatchOptions,
  mode: PixelMetricsMode,
  { signal, onProgress, isCurveDrawn = true }: ScoringTask,
): Promise<Scoring> {
  const size = reading.crop ?? reading.size
  const area = size[0] * size[1]
  const kept = mode === 'exact' ? keepPixels(samples.length, size) : undefined
  const binned = createBinnedDetection()
  const sample = sampleMaps(samples.length * area)
  const scores = new Float32Array(samples.length)
  const milliseconds = new Float32Array(samples.length)
  const scored: Sample[] = []
  const vanishedMasks: string[] = []
  let reason: Refusal | undefined
  const readingHere = noting(reading, (error) => (reason ??= error))

  for await (const batch of imageBatches(samples, { ...readingHere, signal })) {
    const start = performance.now()
    const prediction = await detector.predict(batch.images, { signal })
    const each = (performance.now() - start) / batch.samples.length
    assertFinite(prediction, batch.samples)
    binned.update({ ...scoredImages(batch.samples, prediction.scores.data), maps: prediction.maps, masks: batch.masks })
    kept?.add(prediction.maps, batch.masks)
    sample.add(prediction.maps.data)
    vanishedMasks.push(...withVanishedMask(batch))
    scores.set(prediction.scores.data, scored.length)
    milliseconds.fill(each, scored.length, scored.length + batch.samples.length)
    scored.push(...batch.samples)
    onProgress?.({ phase: 'predict', done: scored.length, total: samples.length })
  }
  if (scored.length === 0) throw noneReadable('test', samples, reason)
  const set: ScoredSet = {
    scores: scores.subarray(0, scored.length),
    milliseconds: milliseconds.subarray(0, scored.length),
    defects: scored.map(({ defect }) => defect),
  }
  return {
    set,
    samples: scored,
    metrics: kept
      ? evaluateDetection({ ...scoredImages(scored, set.scores), maps: kept.maps(), masks: kept.masks() })
      : binned.compute(),
    proCurve: isCurveDrawn ? whereDefined(() => binned.proCurve()) : undefined,
    mapSample: sample.values(),
    vanishedMasks,
    view: kept ? keptView(kept, area) : predictedView(detector, scored, reading),
  }
}

/** @throws the error of a set of images of which none can be read */
export function noneReadable(which: 'test' | 'good training', samples: readonly Sample[], reason?: Refusal): Refusal {
  return new TabError('INVALID_DATA', {
    where: 'evaluate',
    message: `no ${which} image could be read, all ${samples.length} are left out${reason ? `; the first: ${reason.message}` : ''}`,
    cause: reason,
  })
}

/** Reading options that tell of each image that is left out. */
export function noting(reading: ImageBatchOptions, note: (error: Refusal) => void): ImageBatchOptions {
  const { onUnreadable } = reading
  if (!onUnreadable) return reading
  return {
    ...reading,
    onUnreadable(sample, error) {
      note(error)
      onUnreadable(sample, error)
    },
  }
}

function scoredImages(samples: readonly Sample[], scores: Float32Array) {
  return {
    scores,
    labels: samples.map(({ label }) => label),
    defectTypes: samples.map(({ defect }) => defect),
    hasMask: samples.map(({ label, maskPath }) => label === 0 || maskPath !== undefined),
  }
}

function assertFinite({ scores, maps }: Prediction, samples: readonly Sample[]): void {
  const area = maps.data.length / samples.length
  const refuse = (what: string, place: number, value: number): never => {
    const expected = `${what} of ${samples[place]?.path} must be finite`
    throw new TabError('NUMERICAL', { where: 'evaluate', expected, actual: String(value) })
  }
  scores.data.forEach((score, place) => Number.isFinite(score) || refuse('the score', place, score))
  const { data } = maps
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number
    if (value - value !== 0) refuse('the anomaly map', Math.floor(i / area), value)
  }
}

function withVanishedMask({ samples, masks }: ImageBatch): string[] {
  const area = masks.data.length / samples.length
  return samples
    .filter(
      ({ label, maskPath }, place) =>
        label === 1 && maskPath !== undefined && !masks.data.subarray(place * area, (place + 1) * area).includes(1),
    )
    .map(({ id }) => id)
}

function keptView(kept: KeptPixels, area: number): Scoring['view'] {
  const part = <A extends Float32Array | Uint8Array>(values: A, place: number): A =>
    values.subarray(place * area, (place + 1) * area) as A
  return (place) => Promise.resolve({ map: part(kept.maps().data, place), mask: part(kept.masks().data, place) })
}

function predictedView(detector: Detector, samples: readonly Sample[], reading: ImageBatchOptions): Scoring['view'] {
  return async (place) => {
    const { image, mask } = await readPrepared(samples[place] as Sample, reading)
    const { maps } = await detector.predict({ ...image, shape: [1, ...image.shape] })
    return { map: maps.data, mask: mask.data }
  }
}
