import type { ProCurve } from '../localization/pro-curve.ts'
import { AUPIMO_BOUNDS, rampArea } from '../localization/aupimo.ts'
import { assertRegionsAndNormal } from '../localization/aupro.ts'
import { assertBothClasses } from '../inputs.ts'
import type { BestF1 } from '../ranking/f1-max.ts'
import type { RankingSteps } from '../ranking/threshold-steps.ts'
import type { Binned } from '../streaming/score-bins.ts'
import { alignHistograms, thresholdBelow } from '../streaming/score-histogram.ts'
import type { PixelTally } from './pixel-tally.ts'
import { TabError } from '@tab/core'

/** Steps over bins, with the thresholds between them: pixels above a threshold are called anomalous. */
interface BinSteps extends RankingSteps {
  walk(visit: (truePositives: number, falsePositives: number, threshold: number) => void): void
}

/** Pixels of one row of the table by bin, in ascending order; bins without pixels are left out. */
export interface PixelBins {
  readonly bins: Uint32Array
  readonly normal: Float64Array
  /** Pixels of images without a defective pixel. */
  readonly clean: Float64Array
  readonly defective: Float64Array
  /** Defective pixels as shares of their regions, and as shares of all defective pixels of their images. */
  readonly ofRegion: Float64Array
  readonly ofImage: Float64Array
  readonly regions: number
  readonly defectiveImages: number
}

export function pixelBins(tallies: readonly PixelTally[]): PixelBins {
  const { bins, sums } = alignHistograms({
    normal: tallies.flatMap(({ clean, around }) => [clean, around]),
    clean: tallies.map(({ clean }) => clean),
    defective: tallies.map(({ defective }) => defective),
    ofRegion: tallies.map(({ ofRegion }) => ofRegion),
    ofImage: tallies.map(({ ofImage }) => ofImage),
  })
  const total = (count: (tally: PixelTally) => number): number => tallies.reduce((sum, tally) => sum + count(tally), 0)
  return {
    bins,
    ...sums,
    regions: total(({ regions }) => regions),
    defectiveImages: total(({ defectiveImages }) => defectiveImages),
  }
}

/**
 * The steps of the threshold over the bins, a step per bin.
 * @throws UNDEFINED_RESULT when a class is empty
 */
export function stepsOfBins(where: string, { bins, normal, defective }: PixelBins): BinSteps {
  const [negatives, positives] = [sumOf(normal), sumOf(defective)]
  assertBothClasses(where, negatives, positives)
  return {
    positives,
    negatives,
    walk(visit) {
      let [tp, fp] = [0, 0]
      for (let place = bins.length - 1; place >= 0; place--) {
        tp += defective[place] as number
        fp += normal[place] as number
        visit(tp, fp, thresholdBelow(bins[place] as number))
      }
    },
  }
}

/** The highest F1 among thresholds between bins, and how much higher a threshold within a bin could be. Samples strictly above are called anomalous. */
export function binnedF1MaxOf({ positives, walk }: BinSteps): {
  readonly value: BestF1
  readonly errorBound: number
} {
  let [f1, threshold, truePositives, called, highest, falsePositives] = [-1, NaN, 0, 1, 0, 0]
  walk((hits, falseAlarms, at) => {
    // No order within a bin is better than all its defective pixels first.
    highest = Math.max(highest, (2 * hits) / (hits + falsePositives + positives))
    falsePositives = falseAlarms
    const next = (2 * hits) / (hits + falseAlarms + positives)
    if (next > f1) [f1, threshold, truePositives, called] = [next, at, hits, hits + falseAlarms]
  })
  const value = { f1, threshold, precision: truePositives / called, recall: truePositives / positives }
  return { value, errorBound: Math.max(0, highest - f1) }
}

/**
 * Mean AUPIMO with scores in the same bin as ties. The bound comes from placing all normal pixels of a bin above its defective ones,
 * and all below.
 * @throws UNDEFINED_RESULT without a normal or an anomalous image
 */
export function binnedAupimoOf(where: string, { clean, ofImage, defectiveImages }: PixelBins): Binned {
  const normalPixels = sumOf(clean)
  if (normalPixels === 0 || defectiveImages === 0) {
    const message = `undefined without ${normalPixels === 0 ? 'a normal' : 'an anomalous'} image`
    throw new TabError('UNDEFINED_RESULT', { where, message })
  }
  const [lower, upper] = AUPIMO_BOUNDS
  const [from, to] = [lower * normalPixels, upper * normalPixels]
  let [above, value, highest, lowest] = [0, 0, 0, 0]
  for (let place = clean.length - 1; place >= 0 && above <= to; place--) {
    const [atOrAbove, share] = [above + (clean[place] as number), ofImage[place] as number]
    if (share > 0) {
      value += share * rampArea(above, atOrAbove, from, to)
      highest += share * rampArea(above, above, from, to)
      lowest += share * rampArea(atOrAbove, atOrAbove, from, to)
    }
    above = atOrAbove
  }
  const scale = defectiveImages * Math.log(upper / lower)
  const bound = Math.max(highest - value, value - lowest) / scale
  return { value: Math.min(1, value / scale), errorBound: bound }
}

/**
 * Points of the exact per-region overlap curve, at the thresholds between bins.
 * @throws UNDEFINED_RESULT without a region or a normal pixel
 */
export function proCurveOfBins(where: string, { bins, normal, ofRegion, regions }: PixelBins): ProCurve {
  const negatives = sumOf(normal)
  assertRegionsAndNormal(where, regions, negatives)
  const points = bins.length + 1
  const [falsePositiveRates, overlaps] = [new Float64Array(points), new Float64Array(points)]
  const thresholds = new Float64Array(points).fill(topOf(bins))
  let [falsePositives, covered] = [0, 0]
  for (let point = 1; point < points; point++) {
    const place = points - 1 - point
    falsePositives += normal[place] as number
    covered += ofRegion[place] as number
    thresholds[point] = thresholdBelow(bins[place] as number)
    falsePositiveRates[point] = falsePositives / negatives
    overlaps[point] = point === points - 1 ? 1 : Math.min(1, covered / regions)
  }
  return { falsePositiveRates, overlaps, thresholds }
}

/** The highest score that any bin can hold: nothing is above it. */
function topOf(bins: Uint32Array): number {
  return thresholdBelow((bins.at(-1) as number) + 1)
}

function sumOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
