import { checkNumber, TabError, type Tensor } from '@tab/core'
import { connectedComponents } from './connected-components.ts'
import { assertMapsAndMasks } from './inputs.ts'
import { sortScores, sortScoresWith } from './sort-scores.ts'

export interface AuproOptions {
  /** False positive rate up to which the curve is integrated, above 0 and up to 1. Default 0.3. */
  readonly fprLimit?: number
}

/**
 * Area under the per-region overlap curve up to a false positive rate, divided by that rate (Bergmann et al., MVTec AD,
 * IJCV 2021): at each threshold the mean over all ground-truth regions of the share covered, against the false positive
 * rate over all normal pixels, those of defective images too. Exact over all distinct scores, by trapezoids, interpolated
 * at the limit. Regions are 8-connected.
 * @param maps [N,H,W], higher is more anomalous
 * @param masks [N,H,W], 1 on defects
 * @returns in [0, 1]
 * @throws UNDEFINED_RESULT without a region or a normal pixel; INVALID_ARGUMENT, NUMERICAL for bad input
 */
export function aupro(maps: Tensor, masks: Tensor<'uint8'>, { fprLimit = 0.3 }: AuproOptions = {}): number {
  checkNumber('aupro', 'fprLimit', fprLimit, { above: 0, maximum: 1 })
  assertMapsAndMasks('aupro', maps, masks)
  const { negatives, positives, regionSizes, regions } = rankPixels(maps, masks)
  if (regions === 0 || negatives.length === 0) {
    throw new TabError('UNDEFINED_RESULT', {
      where: 'aupro',
      message: regions === 0 ? 'undefined without a defective region' : 'undefined without a normal pixel',
    })
  }

  let [n, p] = [negatives.length - 1, positives.length - 1]
  let [fpr, overlap, area] = [0, 0, 0]
  while (n >= 0 || p >= 0) {
    // One step of the curve: every pixel of the next distinct score joins at once.
    const score = Math.max(n >= 0 ? (negatives[n] as number) : -Infinity, p >= 0 ? (positives[p] as number) : -Infinity)
    while (n >= 0 && negatives[n] === score) n--
    let gain = 0
    for (; p >= 0 && positives[p] === score; p--) gain += 1 / (regionSizes[p] as number)
    const nextFpr = (negatives.length - 1 - n) / negatives.length
    const nextOverlap = overlap + gain / regions
    if (nextFpr >= fprLimit) {
      const atLimit = overlap + ((fprLimit - fpr) / (nextFpr - fpr)) * (nextOverlap - overlap)
      return (area + ((fprLimit - fpr) * (overlap + atLimit)) / 2) / fprLimit
    }
    area += ((nextFpr - fpr) * (overlap + nextOverlap)) / 2
    ;[fpr, overlap] = [nextFpr, nextOverlap]
  }
  throw new Error('unreachable: the last step has a false positive rate of 1')
}

interface RankedPixels {
  /** Scores of normal pixels, ascending. */
  readonly negatives: Float32Array
  /** Scores of defective pixels, ascending, and the size of the region each belongs to. */
  readonly positives: Float32Array
  readonly regionSizes: Uint32Array
  readonly regions: number
}

function rankPixels(maps: Tensor, masks: Tensor<'uint8'>): RankedPixels {
  const [count, height, width] = maps.shape as [number, number, number]
  const area = height * width
  const defective = masks.data.reduce((sum, value) => sum + value, 0)
  const negatives = new Float32Array(maps.data.length - defective)
  const positives = new Float32Array(defective)
  const sizes = new Uint32Array(defective)
  let [n, p, regions] = [0, 0, 0]
  for (let image = 0; image < count; image++) {
    const mask = masks.data.subarray(image * area, (image + 1) * area)
    const map = maps.data.subarray(image * area, (image + 1) * area)
    if (!mask.includes(1)) {
      negatives.set(map, n)
      n += area
      continue
    }
    const components = connectedComponents(mask, height, width)
    regions += components.sizes.length
    for (let i = 0; i < area; i++) {
      const label = components.labels[i] as number
      if (label === 0) {
        negatives[n++] = map[i] as number
      } else {
        positives[p] = map[i] as number
        sizes[p++] = components.sizes[label - 1] as number
      }
    }
  }
  // By size first: then ties are summed in one order, and the result does not depend on the order of the images.
  const bySize = Array.from(sizes.keys()).sort((left, right) => (sizes[left] as number) - (sizes[right] as number))
  const sorted = sortScoresWith(
    Float32Array.from(bySize, (index) => positives[index] as number),
    Uint32Array.from(bySize, (index) => sizes[index] as number),
  )
  return { negatives: sortScores(negatives), positives: sorted.scores, regionSizes: sorted.payload, regions }
}
