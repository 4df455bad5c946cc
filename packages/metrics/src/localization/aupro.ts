import { checkNumber, TabError, type Tensor } from '@tab/core'
import type { MetricStream } from '../streaming/metric-stream.ts'
import { falsePositivesAbove } from './false-positives-above.ts'
import { pixelsByRegion } from './group-pixels.ts'
import { createPixelStore, type MappedBatch, type PixelState, type PixelStore } from './pixel-store.ts'

export interface AuproOptions {
  /** False positive rate up to which the curve is integrated: above 0, at most 1. Default 0.3. */
  readonly fprLimit?: number
}

/** A metric of maps and masks that arrive in batches of whole images. */
export type PixelStream<Value> = MetricStream<MappedBatch, Value, PixelState>

/**
 * Area under the per-region overlap curve up to a false positive rate, divided by that rate (Bergmann et al., MVTec AD,
 * IJCV 2021): at each threshold, the mean over all ground-truth regions of the share covered, against the false positive rate
 * over all normal pixels, including those of defective images. Exact over all distinct scores, by trapezoids, interpolated at the
 * limit. Regions are 8-connected.
 * @param maps [N,H,W], higher is more anomalous
 * @param masks [N,H,W], 1 on defects
 * @returns in [0, 1]
 * @throws UNDEFINED_RESULT without a region or a normal pixel; INVALID_ARGUMENT, NUMERICAL for bad input
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { aupro } from '@tab/metrics'
 *
 * const maps = tensor([1, 1, 4], Float32Array.of(0, 0.1, 0.9, 1))
 * const masks = tensorOf('uint8', [1, 1, 4], Uint8Array.of(0, 0, 1, 1))
 * console.log(aupro(maps, masks, { fprLimit: 0.3 })) // 1
 * ```
 */
export function aupro(maps: Tensor, masks: Tensor<'uint8'>, { fprLimit = 0.3 }: AuproOptions = {}): number {
  checkNumber('aupro', 'fprLimit', fprLimit, { above: 0, maximum: 1 })
  const store = createPixelStore('regions')
  store.add(pixelsByRegion('aupro', maps, masks))
  return auproOf('aupro', store, fprLimit)
}

/**
 * {@link aupro} of batches of whole images, bit for bit the same.
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { createAupro } from '@tab/metrics'
 *
 * const stream = createAupro()
 * stream.update(tensor([1, 1, 4], Float32Array.of(0, 0.1, 0.9, 1)), tensorOf('uint8', [1, 1, 4], Uint8Array.of(0, 0, 1, 1)))
 * stream.update(tensor([1, 1, 4], new Float32Array(4)), tensorOf('uint8', [1, 1, 4], new Uint8Array(4)))
 * console.log(stream.compute()) // 1
 * ```
 */
export function createAupro({ fprLimit = 0.3 }: AuproOptions = {}): PixelStream<number> {
  checkNumber('createAupro', 'fprLimit', fprLimit, { above: 0, maximum: 1 })
  const store = createPixelStore('regions')
  return {
    update: (maps, masks) => store.add(pixelsByRegion('createAupro.update', maps, masks)),
    compute: () => auproOf('createAupro.compute', store, fprLimit),
    reset: () => store.reset(),
    state: () => store.state(),
    merge: (state) => store.merge('createAupro', state),
  }
}

/**
 * The mean over regions of the area under each region's own curve. There each pixel is a rise of 1 / size, on a ramp from the
 * rate of normal pixels above it to the rate of those at or above it; so counts are summed, and their order does not matter.
 */
export function auproOf(where: string, store: PixelStore, fprLimit: number): number {
  const sizes = store.groupSizes()
  assertRegionsAndNormal(where, sizes.length, store.normalCount())
  const limit = fprLimit * store.normalCount()
  const [normal, anomalous] = [store.highestNormal(Math.floor(limit) + 1), store.anomalous()]
  let first = 0
  const areas = Float64Array.from(sizes, (size) => {
    let [complete, doubledCounts, ramps] = [0, 0, 0]
    let rampArea = 0 // of a pixel whose ramp the limit cuts: the same for all, as only one score straddles it
    falsePositivesAbove(anomalous.subarray(first, first + size), normal, limit, (above, atOrAbove) => {
      if (atOrAbove <= limit) {
        complete++
        doubledCounts += above + atOrAbove
      } else {
        ramps++
        rampArea = ((limit - above) * (limit - above)) / (2 * (atOrAbove - above))
      }
    })
    first += size
    return (complete * limit - doubledCounts / 2 + ramps * rampArea) / size
  })
  return Math.min(1, sumAscending(areas) / sizes.length / limit)
}

/** @throws UNDEFINED_RESULT when there is no region or no normal pixel */
export function assertRegionsAndNormal(where: string, regions: number, normal: number): void {
  if (regions > 0 && normal > 0) return
  throw new TabError('UNDEFINED_RESULT', {
    where,
    message: regions === 0 ? 'undefined without a defective region' : 'undefined without a normal pixel',
  })
}

/** Sums in one order, whatever order the terms came in. */
export function sumAscending(terms: Float64Array): number {
  let sum = 0
  for (const term of terms.sort()) sum += term
  return sum
}
