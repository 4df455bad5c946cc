import type { Tensor } from '@tab/core'
import { floatBelow } from '../ranking/float-below.ts'
import { sortScores, sortScoresWith } from '../ranking/sort-scores.ts'
import { assertRegionsAndNormal } from './aupro.ts'
import { pixelsByRegion } from './group-pixels.ts'

/** One point per distinct score, from the highest threshold down, after the point at which nothing is called defective. */
export interface ProCurve {
  /** Share of all normal pixels called defective. */
  readonly falsePositiveRates: Float64Array
  /** Mean over regions of the share covered. */
  readonly overlaps: Float64Array
  /** Calling the pixels above a threshold defective gives its point: the distinct scores in descending order, then a float below all of them. */
  readonly thresholds: Float64Array
}

/**
 * The per-region overlap curve over all distinct scores, including (0, 0) and (1, 1). Takes and throws the same as `aupro`, the
 * area under it.
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { proCurve } from '@tab/metrics'
 *
 * const maps = tensor([1, 1, 4], Float32Array.of(0, 0.1, 0.05, 1))
 * const masks = tensorOf('uint8', [1, 1, 4], Uint8Array.of(0, 0, 1, 1))
 * const { falsePositiveRates, overlaps } = proCurve(maps, masks)
 * console.log([...falsePositiveRates], [...overlaps]) // [ 0, 0, 0.5, 0.5, 1 ] [ 0, 0.5, 0.5, 1, 1 ]
 * ```
 */
export function proCurve(maps: Tensor, masks: Tensor<'uint8'>): ProCurve {
  const { normal, anomalous, groupSizes } = pixelsByRegion('proCurve', maps, masks)
  assertRegionsAndNormal('proCurve', groupSizes.length, normal.length)
  const sizeOfPixel = new Uint32Array(anomalous.length)
  let first = 0
  for (const size of groupSizes) sizeOfPixel.fill(size, first, (first += size))
  const negatives = sortScores(normal)
  const positives = sortScoresWith(anomalous, sizeOfPixel)

  const most = maps.data.length + 1
  const [falsePositiveRates, overlaps] = [new Float64Array(most), new Float64Array(most)]
  const thresholds = new Float64Array(most)
  let [n, p, point] = [negatives.length - 1, positives.scores.length - 1, 0]
  let [covered, lost] = [0, 0] // compensated (Kahan 1965): there may be millions of pixels
  while (n >= 0 || p >= 0) {
    const score = Math.max(
      n >= 0 ? (negatives[n] as number) : -Infinity,
      p >= 0 ? (positives.scores[p] as number) : -Infinity,
    )
    while (n >= 0 && negatives[n] === score) n--
    for (; p >= 0 && positives.scores[p] === score; p--) {
      const gain = 1 / (positives.payload[p] as number) - lost
      const next = covered + gain
      lost = next - covered - gain
      covered = next
    }
    thresholds[point] = score // the highest score that the previous point calls good
    point++
    falsePositiveRates[point] = (negatives.length - 1 - n) / negatives.length
    overlaps[point] = p < 0 ? 1 : Math.min(1, covered / groupSizes.length)
  }
  thresholds[point] = floatBelow(thresholds[point - 1] as number)
  const kept = (values: Float64Array): Float64Array => values.slice(0, point + 1)
  return { falsePositiveRates: kept(falsePositiveRates), overlaps: kept(overlaps), thresholds: kept(thresholds) }
}
