import { checkNumber, tensor, tensorOf, type Tensor } from '@tab/core'
import { AUPIMO_BOUNDS, aupimoOf } from '../localization/aupimo.ts'
import { auproOf } from '../localization/aupro.ts'
import { pixelsByImage, pixelsByRegion } from '../localization/group-pixels.ts'
import { createPixelStore } from '../localization/pixel-store.ts'
import { aurocOf } from '../ranking/auroc.ts'
import { averagePrecisionOf } from '../ranking/average-precision.ts'
import { f1MaxOf } from '../ranking/f1-max.ts'
import { thresholdSteps } from '../ranking/threshold-steps.ts'
import type { Labels, Scores } from '../inputs.ts'
import type { DetectionTable, PixelMetrics, RankingMetrics, TableRow, UndefinedMetric } from './detection-table.ts'
import { checkScoredImages, type Pixels, type ScoredImages } from './scored-images.ts'
import { definedOrNoted, type Note } from './defined-or-noted.ts'

export interface EvaluateOptions {
  /** Limits of the false positive rate for AUPRO. Default [0.3, 0.05]. */
  readonly fprLimits?: readonly number[]
}

/**
 * Computes all metrics that papers report, over all images and for each defect type against all normal images, as plain JSON. A
 * metric that is undefined for a row is null there, and `undefinedMetrics` gives the reason.
 * @throws INVALID_ARGUMENT for lengths and shapes that differ, or a defect in the mask of a normal image; NUMERICAL for NaN or
 *   infinity
 * @example
 * ```ts
 * import { evaluateDetection } from '@tab/metrics'
 *
 * const { overall, byDefectType } = evaluateDetection({
 *   scores: [0.1, 0.4, 0.35, 0.8],
 *   labels: [0, 0, 1, 1],
 *   defectTypes: [null, null, 'dent', 'scratch'],
 * })
 * console.log(overall.image.auroc) // 0.75
 * console.log(byDefectType.map(({ defectType, image }) => `${defectType} ${image.auroc}`)) // [ 'dent 0.5', 'scratch 1' ]
 * ```
 */
export function evaluateDetection(
  images: ScoredImages,
  { fprLimits = [0.3, 0.05] }: EvaluateOptions = {},
): DetectionTable {
  for (const limit of fprLimits) checkNumber('evaluateDetection', 'fprLimits', limit, { above: 0, maximum: 1 })
  const { scores, labels, defectTypes, pixels } = checkScoredImages('evaluateDetection', images)
  const undefinedMetrics: UndefinedMetric[] = []

  const row = (defectType: string | null, kept: readonly number[]): TableRow => {
    const anomalous = kept.filter((image) => labels[image] === 1)
    const masked = kept.filter((image) => labels[image] === 0 || pixels?.hasMask(image))
    const note: Note = (metric, reason) => undefinedMetrics.push({ defectType, metric, reason })
    return {
      defectType,
      normalImages: kept.length - anomalous.length,
      anomalousImages: anomalous.length,
      imagesWithoutMask: pixels ? kept.length - masked.length : null,
      image: rankingMetrics(
        'image',
        Float64Array.from(kept, (image) => scores[image] as number),
        Uint8Array.from(kept, (image) => labels[image] as number),
        note,
      ),
      pixel: pixels ? pixelMetrics(pixels, masked, fprLimits, note) : null,
    }
  }

  const everything = Array.from(scores, (_, image) => image)
  const anomalousTypes = defectTypes?.filter((_, image) => labels[image] === 1) ?? []
  return {
    schema: 'tab.detection-table/2',
    resolution: pixels ? [pixels.maps.shape[1] as number, pixels.maps.shape[2] as number] : null,
    overall: row(null, everything),
    byDefectType: [...new Set(anomalousTypes)].sort().map((type) =>
      row(
        type,
        everything.filter((image) => labels[image] === 0 || defectTypes?.[image] === type),
      ),
    ),
    undefinedMetrics,
  }
}

function rankingMetrics(level: 'image' | 'pixel', scores: Scores, labels: Labels, note: Note): RankingMetrics {
  const names = ['auroc', 'averagePrecision', 'f1Max'].map((name) => `${level}.${name}`)
  const steps = definedOrNoted(names, () => thresholdSteps(`${level} metrics`, scores, labels), note)
  return {
    auroc: steps && aurocOf(steps),
    averagePrecision: steps && averagePrecisionOf(steps),
    f1Max: steps && f1MaxOf(steps),
  }
}

function pixelMetrics(
  { maps, masks }: Pixels,
  kept: readonly number[],
  fprLimits: readonly number[],
  note: Note,
): PixelMetrics {
  const [someMaps, someMasks] = selectImages(maps, masks, kept)
  const regions = createPixelStore('regions')
  regions.add(pixelsByRegion('aupro', someMaps, someMasks))
  const images = createPixelStore('images')
  images.add(pixelsByImage('aupimo', someMaps, someMasks))
  return {
    ...rankingMetrics('pixel', someMaps.data, someMasks.data, note),
    regions: regions.groupSizes().length,
    aupro: fprLimits.map((fprLimit) => ({
      fprLimit,
      value: definedOrNoted([`pixel.aupro ${fprLimit}`], () => auproOf('aupro', regions, fprLimit), note),
    })),
    aupimo: definedOrNoted(['pixel.aupimo'], () => aupimoOf('aupimo', images, AUPIMO_BOUNDS).mean, note),
  }
}

function selectImages(maps: Tensor, masks: Tensor<'uint8'>, kept: readonly number[]): [Tensor, Tensor<'uint8'>] {
  if (kept.length === maps.shape[0]) return [maps, masks]
  const [, height, width] = maps.shape as [number, number, number]
  const area = height * width
  const [values, marks] = [new Float32Array(kept.length * area), new Uint8Array(kept.length * area)]
  kept.forEach((image, place) => {
    values.set(maps.data.subarray(image * area, (image + 1) * area), place * area)
    marks.set(masks.data.subarray(image * area, (image + 1) * area), place * area)
  })
  const shape = [kept.length, height, width]
  return [tensor(shape, values), tensorOf('uint8', shape, marks)]
}
