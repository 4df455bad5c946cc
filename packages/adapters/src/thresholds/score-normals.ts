import { type Detector, type LongTaskOptions, type Tensor } from '@tab/core'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import type { NormalScores } from './calibration.ts'
import { sampledMap } from './sampled-map.ts'

/** Scores good images and keeps their maps, 4 bytes per pixel, at most 4 MiB of one. */
export async function scoreNormals(
  where: string,
  detector: Detector,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress }: LongTaskOptions,
): Promise<NormalScores> {
  const scores: number[] = []
  const maps: Float32Array[] = []
  const peaks: number[] = []
  for await (const { images } of normalBatches(where, normals, signal)) {
    const prediction = checkedPrediction(where, await detector.predict(images, { signal }), images.shape[0] as number)
    const [, height, width] = prediction.maps.shape as [number, number, number]
    const area = height * width
    const counted = prediction.within && sampledMap(prediction.within.data, height, width)
    prediction.scores.data.forEach((score, index) => {
      scores.push(score)
      const map = prediction.maps.data.subarray(index * area, (index + 1) * area)
      const own = sampledMap(map, height, width)
      maps.push(counted ? own.filter((_, at) => counted[at] === 1) : own)
      peaks.push(map.reduce((most, value) => Math.max(most, value), -Infinity))
    })
    onProgress?.({ phase: 'calibrate', done: scores.length })
  }
  return { scores, maps, peaks }
}
