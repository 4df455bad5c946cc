import { checkNumber } from '@tab/core'
import { assertCounts, assertKind, type MetricStream, type StreamState } from '../streaming/metric-stream.ts'
import { assertSameBins, binOf, checkBins, type Binned, type ScoreBins } from '../streaming/score-bins.ts'
import { assertRegionsAndNormal, type AuproOptions } from './aupro.ts'
import { pixelsByRegion } from './group-pixels.ts'
import type { MappedBatch } from './pixel-store.ts'

/** Normal pixels and shares of regions in each bin. */
export interface BinnedPixelState extends StreamState {
  readonly kind: 'binned regions'
  readonly bins: Required<ScoreBins>
  readonly normal: Float64Array
  readonly overlap: Float64Array
  readonly regions: number
}

/** AUPRO of maps and masks in memory that does not grow with them. */
export type BinnedPixelStream = MetricStream<MappedBatch, Binned, BinnedPixelState>

/**
 * AUPRO of batches of whole images in bounded memory, 16 bytes per bin. Scores in the same bin count as ties; within a bin the
 * exact curve may be anywhere in the box that its straight line crosses, which gives the error bound.
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { createBinnedAupro } from '@tab/metrics'
 *
 * const stream = createBinnedAupro({ bins: { minimum: 0, maximum: 1, count: 100 } })
 * stream.update(tensor([1, 1, 4], Float32Array.of(0, 0.1, 0.9, 1)), tensorOf('uint8', [1, 1, 4], Uint8Array.of(0, 0, 1, 1)))
 * console.log(stream.compute()) // { value: 1, errorBound: 0 }
 * ```
 */
export function createBinnedAupro(options: AuproOptions & { readonly bins: ScoreBins }): BinnedPixelStream {
  const { fprLimit = 0.3 } = options
  checkNumber('createBinnedAupro', 'fprLimit', fprLimit, { above: 0, maximum: 1 })
  const bins = checkBins('createBinnedAupro', options.bins)
  const [normal, overlap] = [new Float64Array(bins.count), new Float64Array(bins.count)]
  let regions = 0
  return {
    update(maps, masks) {
      const batch = pixelsByRegion('createBinnedAupro.update', maps, masks)
      for (let i = 0; i < batch.normal.length; i++) add(normal, binOf(bins, batch.normal[i] as number), 1)
      let at = 0
      for (const size of batch.groupSizes) {
        for (const end = at + size; at < end; at++) add(overlap, binOf(bins, batch.anomalous[at] as number), 1 / size)
      }
      regions += batch.groupSizes.length
    },
    compute: () => binnedAuproOf('createBinnedAupro.compute', normal, overlap, regions, fprLimit),
    reset() {
      normal.fill(0)
      overlap.fill(0)
      regions = 0
    },
    state: () => ({ kind: 'binned regions', bins, normal, overlap, regions }),
    merge(state) {
      assertKind('createBinnedAupro', state, 'binned regions')
      assertSameBins('createBinnedAupro', bins, state.bins)
      for (const counts of [state.normal, state.overlap]) assertCounts('createBinnedAupro', counts, bins.count)
      assertCounts('createBinnedAupro', [state.regions], 1)
      for (let bin = 0; bin < bins.count; bin++) {
        add(normal, bin, state.normal[bin] as number)
        add(overlap, bin, state.overlap[bin] as number)
      }
      regions += state.regions
    },
  }
}

function add(sums: Float64Array, bin: number, more: number): void {
  sums[bin] = (sums[bin] as number) + more
}

/** @param normal,overlap one value per bin, in ascending order of the bins */
export function binnedAuproOf(
  where: string,
  normal: Float64Array,
  overlap: Float64Array,
  regions: number,
  fprLimit: number,
): Binned {
  const negatives = normal.reduce((sum, count) => sum + count, 0)
  assertRegionsAndNormal(where, regions, negatives)
  let [fpr, covered, area, doubt] = [0, 0, 0, 0]
  for (let bin = normal.length - 1; bin >= 0 && fpr < fprLimit; bin--) {
    const nextFpr = fpr + (normal[bin] as number) / negatives
    const rise = (overlap[bin] as number) / regions
    const width = Math.min(nextFpr, fprLimit) - fpr
    const risen = nextFpr > fprLimit ? (rise * width) / (nextFpr - fpr) : rise
    area += width * (covered + risen / 2)
    doubt += width * (nextFpr > fprLimit ? rise : rise / 2)
    ;[fpr, covered] = [nextFpr, covered + rise]
  }
  return { value: Math.min(1, area / fprLimit), errorBound: doubt / fprLimit }
}
