import type { LongTaskOptions } from '@tab/core'
import { bootstrap, connectedComponents, type Statistic } from '@tab/metrics'
import type { Scoring } from '../../results/evaluation.ts'
import type { JudgedUnits } from './judged-units.ts'

/** 95 % intervals of pixel metrics over photographs. */
export interface PixelIntervals {
  readonly auroc: readonly [number, number]
  readonly aupro: readonly [number, number]
}

const BINS = 1000
const RESAMPLES = 300
const FPR_LIMIT = 0.3

/** How the pixels of a photograph and its copies lie over the bins of map values. */
interface Counts {
  readonly good: Float64Array
  readonly defective: Float64Array
  /** Shares of regions, added up. */
  readonly covered: Float64Array
  regions: number
}

/**
 * Intervals of pixel AUROC and AUPRO 0.3 by resampling photographs. Map values are sorted into a thousand bins of equally many for it, as sorting
 * all pixels for every resample would take minutes; the values themselves stay those of the exact metrics.
 * @param scoring with its maps in memory
 * @param size `[height, width]` of the maps
 * @returns null where no defective pixel is known
 */
export async function pixelIntervals(
  scoring: Scoring,
  units: JudgedUnits,
  size: readonly [number, number],
  seed: number,
  { signal }: LongTaskOptions,
): Promise<PixelIntervals | null> {
  const edges = edgesOf(scoring.mapSample)
  const counts: Counts[] = []
  for (const members of units.members) {
    const own: Counts = { good: bins(), defective: bins(), covered: bins(), regions: 0 }
    for (const index of members) {
      const { label, maskPath } = scoring.samples[index] as Scoring['samples'][number]
      if (label === 0 || maskPath !== undefined) count(own, await scoring.view(index), size, edges)
    }
    counts.push(own)
  }
  if (!counts.some(({ regions }) => regions > 0)) return null
  // Each resample has as many photographs with defective pixels as there are, so that it is defined.
  const strata = units.strata.map((stratum, place) => `${stratum}, ${(counts[place] as Counts).regions > 0}`)
  const interval = async (statistic: (sum: Counts) => number): Promise<readonly [number, number]> => {
    const ofSample: Statistic = (places) => statistic(added(Array.from(places, (place) => counts[place] as Counts)))
    return (await bootstrap(strata, ofSample, { seed: `${seed} pixels`, resamples: RESAMPLES, signal })).interval
  }
  return { auroc: await interval(binnedAuroc), aupro: await interval(binnedAupro) }
}

function bins(): Float64Array {
  return new Float64Array(BINS)
}

function edgesOf(sample: Float32Array): Float32Array {
  const sorted = sample.slice().sort()
  return Float32Array.from(
    { length: BINS - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / BINS)] as number,
  )
}

/** The number of edges at or below a value. */
function binOf(value: number, edges: Float32Array): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}

function count(
  own: Counts,
  { map, mask }: { readonly map: Float32Array; readonly mask: Uint8Array },
  [height, width]: readonly [number, number],
  edges: Float32Array,
): void {
  const { labels, sizes } = connectedComponents(mask, height, width)
  own.regions += sizes.length
  for (let pixel = 0; pixel < map.length; pixel++) {
    const bin = binOf(map[pixel] as number, edges)
    const label = labels[pixel] as number
    if (label === 0) own.good[bin] = (own.good[bin] as number) + 1
    else {
      own.defective[bin] = (own.defective[bin] as number) + 1
      own.covered[bin] = (own.covered[bin] as number) + 1 / (sizes[label - 1] as number)
    }
  }
}

function added(all: readonly Counts[]): Counts {
  const sum: Counts = { good: bins(), defective: bins(), covered: bins(), regions: 0 }
  for (const { good, defective, covered, regions } of all) {
    for (let bin = 0; bin < BINS; bin++) {
      sum.good[bin] = (sum.good[bin] as number) + (good[bin] as number)
      sum.defective[bin] = (sum.defective[bin] as number) + (defective[bin] as number)
      sum.covered[bin] = (sum.covered[bin] as number) + (covered[bin] as number)
    }
    sum.regions += regions
  }
  return sum
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The share of pairs of a defective and a good pixel that are in order; those in one bin count half. */
function binnedAuroc({ good, defective }: Pick<Counts, 'good' | 'defective'>): number {
  let [below, pairs] = [0, 0]
  for (let bin = 0; bin < good.length; bin++) {
    const here = good[bin] as number
    pairs += (defective[bin] as number) * (below + here / 2)
    below += here
  }
  return pairs / (total(good) * total(defective))
}

/** The area under the mean share of regions covered, over the false positive rate up to 0.3, as a share of the largest possible. */
function binnedAupro({ good, covered, regions }: Omit<Counts, 'defective'>): number {
  const all = total(good)
  let [rate, share, area] = [0, 0, 0]
  for (let bin = good.length - 1; bin >= 0 && rate < FPR_LIMIT; bin--) {
    const step = (good[bin] as number) / all
    const rise = (covered[bin] as number) / regions
    const part = step > 0 ? Math.min(1, (FPR_LIMIT - rate) / step) : 1
    area += part * step * (share + (part * rise) / 2)
    rate += step
    share += rise
  }
  return area / FPR_LIMIT
}
