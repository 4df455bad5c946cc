import { sizeOf, tensor, tensorOf, type Detector, type LongTaskOptions } from '@tab/core'
import type { Sample } from '@tab/data'
import { imageBatches, type ImageBatchOptions } from '@tab/data/node'
import type { ScoredSet } from './metric-table.ts'

/** The scored test set with the samples in the same order. */
export interface Scoring {
  readonly set: ScoredSet
  readonly samples: readonly Sample[]
}

/**
 * Scores every test image.
 * @param samples the test split
 * @param reading how images are read; one that cannot be read is an error or left out, as it says
 */
export async function scoreTestSet(
  detector: Detector,
  samples: readonly Sample[],
  reading: ImageBatchOptions,
  { signal, onProgress }: LongTaskOptions,
): Promise<Scoring> {
  const [height, width] = reading.crop ?? reading.size
  const area = height * width
  const scores = new Float32Array(samples.length)
  const maps = new Float32Array(samples.length * area)
  const masks = new Uint8Array(samples.length * area)
  const scored: Sample[] = []
  const milliseconds = new Float32Array(samples.length)
  for await (const batch of imageBatches(samples, { ...reading, signal })) {
    const start = performance.now()
    const prediction = await detector.predict(batch.images, { signal })
    const each = (performance.now() - start) / batch.samples.length
    milliseconds.fill(each, scored.length, scored.length + batch.samples.length)
    scores.set(prediction.scores.data, scored.length)
    maps.set(prediction.maps.data, scored.length * area)
    masks.set(batch.masks.data, scored.length * area)
    scored.push(...batch.samples)
    onProgress?.({ phase: 'predict', done: scored.length, total: samples.length })
  }
  const count = scored.length
  const shape = [count, height, width]
  return {
    set: {
      scores: scores.subarray(0, count),
      maps: tensor(shape, maps.subarray(0, sizeOf(shape))),
      masks: tensorOf('uint8', shape, masks.subarray(0, sizeOf(shape))),
      milliseconds: milliseconds.subarray(0, count),
      defects: scored.map((sample) => sample.defect),
      hasMask: scored.map((sample) => sample.label === 0 || sample.maskPath !== undefined),
    },
    samples: scored,
  }
}
