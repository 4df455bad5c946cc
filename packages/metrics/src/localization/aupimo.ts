import { checkNumber, TabError, type Tensor } from '@tab/core'
import { falsePositivesAbove } from './false-positives-above.ts'
import { sumAscending, type PixelStream } from './aupro.ts'
import { pixelsByImage } from './group-pixels.ts'
import { createPixelStore, type PixelStore } from './pixel-store.ts'

export interface AupimoOptions {
  /** Bounds of the false positive rate between which the curve is integrated, over its logarithm. Default [1e-5, 1e-4]. */
  readonly fprBounds?: readonly [number, number]
}

export interface Aupimo {
  /** Mean over anomalous images. */
  readonly mean: number
  /** One value per image, in order: in [0, 1], or null for an image without a defective pixel. */
  readonly perImage: readonly (number | null)[]
}

/**
 * Area under the per-image overlap curve (AUPIMO, Bertoldo et al., BMVC 2024): for each anomalous image, the share of its
 * defective pixels found, against the false positive rate over the pixels of normal images only, integrated over the logarithm of
 * that rate. Exact over all distinct scores; between two of them the curve is a straight line, as in a ROC curve, so bounds below
 * 1 / (number of normal pixels) measure the share found without any false positive.
 * @param maps [N,H,W], higher is more anomalous
 * @param masks [N,H,W], 1 on defects; an image without defects is normal
 * @throws UNDEFINED_RESULT without a normal or an anomalous image; INVALID_ARGUMENT, NUMERICAL for bad input
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { aupimo } from '@tab/metrics'
 *
 * const maps = tensor([2, 1, 3], Float32Array.of(0.1, 0.2, 0.3, 0.1, 0.9, 0.2))
 * const masks = tensorOf('uint8', [2, 1, 3], Uint8Array.of(0, 0, 0, 0, 1, 1))
 * console.log(aupimo(maps, masks)) // { mean: 0.5, perImage: [ null, 0.5 ] }
 * ```
 */
export function aupimo(maps: Tensor, masks: Tensor<'uint8'>, { fprBounds }: AupimoOptions = {}): Aupimo {
  const bounds = checkBounds('aupimo', fprBounds)
  const store = createPixelStore('images')
  store.add(pixelsByImage('aupimo', maps, masks))
  return aupimoOf('aupimo', store, bounds)
}

/**
 * {@link aupimo} of batches of whole images: the mean is the same bit for bit, and images keep the order in which they arrived.
 * @example
 * ```ts
 * import { tensor, tensorOf } from '@tab/core'
 * import { createAupimo } from '@tab/metrics'
 *
 * const stream = createAupimo()
 * stream.update(tensor([1, 1, 3], Float32Array.of(0.1, 0.2, 0.3)), tensorOf('uint8', [1, 1, 3], Uint8Array.of(0, 0, 0)))
 * stream.update(tensor([1, 1, 3], Float32Array.of(0.1, 0.9, 0.2)), tensorOf('uint8', [1, 1, 3], Uint8Array.of(0, 1, 1)))
 * console.log(stream.compute().mean) // 0.5
 * ```
 */
export function createAupimo({ fprBounds }: AupimoOptions = {}): PixelStream<Aupimo> {
  const bounds = checkBounds('createAupimo', fprBounds)
  const store = createPixelStore('images')
  return {
    update: (maps, masks) => store.add(pixelsByImage('createAupimo.update', maps, masks)),
    compute: () => aupimoOf('createAupimo.compute', store, bounds),
    reset: () => store.reset(),
    state: () => store.state(),
    merge: (state) => store.merge('createAupimo', state),
  }
}

/** The default bounds. */
export const AUPIMO_BOUNDS = [1e-5, 1e-4] as const

function checkBounds(where: string, bounds: readonly [number, number] = AUPIMO_BOUNDS): readonly [number, number] {
  const [lower, upper] = bounds
  checkNumber(where, 'fprBounds[0]', lower, { above: 0, below: 1 })
  checkNumber(where, 'fprBounds[1]', upper, { above: lower, maximum: 1 })
  return bounds
}

export function aupimoOf(where: string, store: PixelStore, [lower, upper]: readonly [number, number]): Aupimo {
  const sizes = store.groupSizes()
  const normalPixels = store.normalCount()
  const anomalousImages = sizes.reduce((sum, size) => sum + (size > 0 ? 1 : 0), 0)
  if (normalPixels === 0 || anomalousImages === 0) {
    throw new TabError('UNDEFINED_RESULT', {
      where,
      message: `undefined without ${normalPixels === 0 ? 'a normal' : 'an anomalous'} image`,
    })
  }
  const [from, to] = [lower * normalPixels, upper * normalPixels]
  const [normal, anomalous] = [store.highestNormal(Math.floor(to) + 1), store.anomalous()]
  let first = 0
  const perImage = Array.from(sizes, (size) => {
    if (size === 0) return null
    let area = 0
    falsePositivesAbove(anomalous.subarray(first, first + size), normal, to, (above, atOrAbove) => {
      area += rampArea(above, atOrAbove, from, to)
    })
    first += size
    return Math.min(1, area / size / Math.log(upper / lower))
  })
  const mean = sumAscending(Float64Array.from(perImage.filter((value) => value !== null))) / anomalousImages
  return { mean, perImage }
}

/** Integral over ln x, between the bounds, of a ramp that is 0 up to `start`, 1 from `end`, and straight in between. */
export function rampArea(start: number, end: number, from: number, to: number): number {
  const [low, high] = [Math.max(start, from), Math.min(end, to)]
  const risen = Math.log(to / Math.min(to, Math.max(end, from)))
  if (high <= low) return risen
  return risen + (high - low - start * Math.log(high / low)) / (end - start)
}
