import { checkNumber, TabError } from '@tab/core'
import { binnedAuproOf } from '../localization/binned-aupro.ts'
import type { ProCurve } from '../localization/pro-curve.ts'
import { binnedAurocOf } from '../ranking/auroc.ts'
import { binnedAveragePrecisionOf } from '../ranking/average-precision.ts'
import { SCORE_BINS } from '../streaming/score-histogram.ts'
import type { DetectionTable, PixelMetrics, TableRow, UndefinedMetric } from './detection-table.ts'
import { evaluateDetection, type EvaluateOptions } from './evaluate-detection.ts'
import { binnedAupimoOf, binnedF1MaxOf, pixelBins, proCurveOfBins, stepsOfBins, type PixelBins } from './pixel-bins.ts'
import { createPixelTally, tallyImage, type PixelTally } from './pixel-tally.ts'
import { checkScoredImages, type ScoredImages } from './scored-images.ts'
import { definedOrNoted } from './defined-or-noted.ts'

/** The most that a metric of a row can differ from the exact one, whatever the scores were. */
export interface MetricErrorBound {
  readonly defectType: string | null
  /** `pixel.auroc`, `pixel.aupro 0.3`, ... */
  readonly metric: string
  readonly errorBound: number
}

/** A table with exact image metrics and pixel metrics of binned scores. */
export interface BinnedDetectionTable extends DetectionTable {
  readonly binned: {
    /** Number of bins: 2^24, by the leading bits of a float32. */
    readonly bins: number
    readonly errorBounds: readonly MetricErrorBound[]
  }
}

/** `evaluateDetection` of images that arrive in batches. */
export interface BinnedDetection {
  /** Adds images with their maps and masks; a refused batch changes nothing. */
  update(images: ScoredImages & Required<Pick<ScoredImages, 'maps' | 'masks'>>): void
  compute(): BinnedDetectionTable
  /** Points of the exact curve of all images, at the thresholds between bins. Throws UNDEFINED_RESULT as `proCurve` does. */
  proCurve(): ProCurve
}

/**
 * {@link evaluateDetection} of batches in memory that does not grow with their pixels. Pixel scores are counted by the leading 24
 * bits of their float32, and scores in the same bin count as ties. Image metrics are exact; each pixel metric comes with a bound on
 * its error. Takes about 1 MB per defect type for each factor of two that the scores span, and 20 bytes per image.
 * @throws INVALID_ARGUMENT, NUMERICAL as `evaluateDetection` does
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { createBinnedDetection } from '@tab/metrics'
 *
 * const stream = createBinnedDetection()
 * const maps = tensor([2, 1, 3], Float32Array.of(0.1, 0.2, 0.3, 0.1, 0.9, 0.2))
 * const masks = tensorOf('uint8', [2, 1, 3], Uint8Array.of(0, 0, 0, 0, 1, 1))
 * stream.update({ scores: [0.3, 0.9], labels: [0, 1], maps, masks })
 * const { overall, binned } = stream.compute()
 * console.log(overall.image.auroc, overall.pixel?.auroc, binned.errorBounds[0]?.errorBound) // 1 0.8125 0.0625
 * ```
 */
export function createBinnedDetection(options: EvaluateOptions = {}): BinnedDetection {
  const { fprLimits = [0.3, 0.05] } = options
  for (const limit of fprLimits) checkNumber('createBinnedDetection', 'fprLimits', limit, { above: 0, maximum: 1 })
  const [scores, labels, types]: [number[], number[], string[]] = [[], [], []]
  const withoutMask = new Map<string, number>()
  const tallies = new Map<string | null, PixelTally>() // null: normal images
  let resolution: readonly [number, number] | null = null

  const anomalousTypes = (): string[] => [...tallies.keys()].filter((type) => type !== null).sort()
  const talliesOf = (type: string | null): PixelTally[] => {
    const wanted = type === null ? [...anomalousTypes(), null] : [type, null]
    return wanted.map((each) => tallies.get(each)).filter((tally) => tally !== undefined)
  }
  const tallyOf = (type: string | null): PixelTally => {
    const tally = tallies.get(type) ?? createPixelTally()
    tallies.set(type, tally)
    return tally
  }

  return {
    update(images) {
      const where = 'createBinnedDetection.update'
      const checked = checkScoredImages(where, images)
      const { maps, masks, hasMask } = checked.pixels as NonNullable<typeof checked.pixels>
      const size = [maps.shape[1] as number, maps.shape[2] as number] as const
      if (resolution && (resolution[0] !== size[0] || resolution[1] !== size[1])) {
        const expected = `maps of ${resolution.join(' x ')} pixels as before`
        throw new TabError('INVALID_ARGUMENT', { where, expected, actual: size.join(' x ') })
      }
      resolution = size
      checked.labels.forEach((label, image) => {
        const type = label === 0 ? null : (checked.defectTypes?.[image] ?? '')
        scores.push(checked.scores[image] as number)
        labels.push(label)
        types.push(type ?? '')
        const tally = tallyOf(type)
        if (label === 0 || hasMask(image)) tallyImage(tally, maps, masks, image)
        else withoutMask.set(type as string, (withoutMask.get(type as string) ?? 0) + 1)
      })
    },
    compute() {
      const isTyped = anomalousTypes().some((type) => type !== '')
      const table = evaluateDetection({ scores, labels, ...(isTyped ? { defectTypes: types } : {}) }, { fprLimits })
      const undefinedMetrics = [...table.undefinedMetrics]
      const errorBounds: MetricErrorBound[] = []
      const withPixels = (row: TableRow): TableRow => {
        const { defectType } = row
        const missing = defectType === null ? [...withoutMask.values()] : [withoutMask.get(defectType) ?? 0]
        return {
          ...row,
          imagesWithoutMask: missing.reduce((sum, count) => sum + count, 0),
          pixel: pixelMetrics(pixelBins(talliesOf(defectType)), fprLimits, defectType, undefinedMetrics, errorBounds),
        }
      }
      const overall = withPixels(table.overall)
      const byDefectType = table.byDefectType.map(withPixels)
      return {
        ...table,
        resolution,
        overall,
        byDefectType,
        undefinedMetrics,
        binned: { bins: SCORE_BINS, errorBounds },
      }
    },
    proCurve: () => proCurveOfBins('createBinnedDetection.proCurve', pixelBins(talliesOf(null))),
  }
}

function pixelMetrics(
  bins: PixelBins,
  fprLimits: readonly number[],
  defectType: string | null,
  undefinedMetrics: UndefinedMetric[],
  errorBounds: MetricErrorBound[],
): PixelMetrics {
  const note = (metric: string, reason: string): void => void undefinedMetrics.push({ defectType, metric, reason })
  const bounded = <Value>(metric: string, found: { value: Value; errorBound: number } | null): Value | null => {
    if (!found) return null
    errorBounds.push({ defectType, metric, errorBound: found.errorBound })
    return found.value
  }
  const names = ['pixel.auroc', 'pixel.averagePrecision', 'pixel.f1Max']
  const steps = definedOrNoted(names, () => stepsOfBins('pixel metrics', bins), note)
  return {
    auroc: bounded('pixel.auroc', steps && binnedAurocOf(steps)),
    averagePrecision: bounded('pixel.averagePrecision', steps && binnedAveragePrecisionOf(steps)),
    f1Max: bounded('pixel.f1Max', steps && binnedF1MaxOf(steps)),
    regions: bins.regions,
    aupro: fprLimits.map((fprLimit) => {
      const metric = `pixel.aupro ${fprLimit}`
      const { normal, ofRegion, regions } = bins
      const found = definedOrNoted([metric], () => binnedAuproOf('aupro', normal, ofRegion, regions, fprLimit), note)
      return { fprLimit, value: bounded(metric, found) }
    }),
    aupimo: bounded(
      'pixel.aupimo',
      definedOrNoted(['pixel.aupimo'], () => binnedAupimoOf('aupimo', bins), note),
    ),
  }
}
