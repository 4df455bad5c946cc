import { join, parse } from 'node:path'
import { verdict, type Calibration } from '@tab/adapters'
import { tensor, type TabError, type Tensor } from '@tab/core'
import { imageBatches } from '@tab/data/node'
import { writeAtomically } from '../files/write-atomically.ts'
import { heatmapOverlay, heatmapScale, type HeatmapScale } from '../report/case-pictures.ts'
import { samplesOf } from './find-images.ts'
import type { ImageResult } from './image-result.ts'
import type { OpenDetector } from './open-detector.ts'

export interface PredictImagesOptions {
  readonly batchSize: number
  readonly signal: AbortSignal
  /** Instead of the calibrated one. */
  readonly threshold: number | undefined
  /** Gives the file of an image's heatmap; undefined writes none. */
  readonly heatmapFile: ((path: string) => string) | undefined
  /** Called for an image that cannot be read; undefined makes it an error. */
  readonly onUnreadable: ((path: string, error: TabError) => void) | undefined
}

/** Scores image files, in their order. */
export async function* predictImages(
  { detector, calibration, preparation }: OpenDetector,
  files: readonly string[],
  { batchSize, signal, threshold = calibration?.threshold, heatmapFile, onUnreadable }: PredictImagesOptions,
): AsyncGenerator<ImageResult> {
  const reading = {
    ...preparation,
    batchSize,
    signal,
    ...(onUnreadable
      ? { onUnreadable: ({ path }: { path: string }, error: TabError) => onUnreadable(path, error) }
      : {}),
  }
  for await (const { images, samples } of imageBatches(samplesOf(files), reading)) {
    const { scores, maps } = await detector.predict(images, { signal })
    for (const [index, { path }] of samples.entries()) {
      const score = scores.data[index] as number
      const told = calibration && verdict(calibration, score)
      const heatmap = heatmapFile?.(path)
      if (heatmap) await writeHeatmap(heatmap, imageOf(images, index), imageOf(maps, index).data, calibration)
      yield {
        path,
        score,
        threshold: threshold ?? null,
        anomalous: threshold === undefined ? null : score > threshold,
        pValue: told?.pValue ?? null,
        normalizedScore: told?.normalizedScore ?? null,
        ...(heatmap ? { heatmap } : {}),
      }
    }
  }
}

/** One image of a batch [N,...]. */
function imageOf({ shape, data }: Tensor, index: number): Tensor {
  const length = data.length / (shape[0] as number)
  return tensor(shape.slice(1), data.subarray(index * length, (index + 1) * length))
}

async function writeHeatmap(
  file: string,
  image: Tensor,
  map: Float32Array,
  calibration: Calibration | undefined,
): Promise<void> {
  const scale = calibration ? calibratedScale(calibration) : heatmapScale(map)
  await writeAtomically(file, await heatmapOverlay(image, map, scale))
}

/** Colours that mean the same for every image: they begin half a threshold below the pixel threshold and end one above it. */
function calibratedScale({ pixelThreshold }: Calibration): HeatmapScale {
  const span = Math.abs(pixelThreshold) || 1
  return { low: pixelThreshold - span / 2, high: pixelThreshold + span }
}

/** Names for pictures of files in one folder; of files of one name, the later ones get a number. */
export function pictureNames(folder: string): (path: string) => string {
  const taken = new Set<string>()
  return (path) => {
    const { name } = parse(path)
    let free = name
    for (let number = 2; taken.has(free); number++) free = `${name}-${number}`
    taken.add(free)
    return join(folder, `${free}.png`)
  }
}
