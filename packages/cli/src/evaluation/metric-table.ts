import { isTabError, tensor, tensorOf, type Tensor } from '@tab/core'
import { aupro, auroc } from '@tab/metrics'
import type { MetricRow } from './results.ts'

/** The scored test set: one entry an image in every field, maps and masks at one resolution. */
export interface ScoredSet {
  readonly scores: Float32Array
  /** [N,H,W] */
  readonly maps: Tensor
  /** [N,H,W] */
  readonly masks: Tensor<'uint8'>
  /** Time the detector took for each image. */
  readonly milliseconds: Float32Array
  /** Defect type of each image, `good` for normal ones. */
  readonly defects: readonly string[]
  /** Whether every defective image has a ground truth mask: without one, its defect would count as normal pixels. */
  readonly hasMasks: boolean
}

/** The metrics of all images, and of each defect type against all good images. */
export function metricTable(set: ScoredSet): { overall: MetricRow; byDefect: Record<string, MetricRow> } {
  const types = [...new Set(set.defects)].filter((defect) => defect !== 'good').sort()
  const byDefect: Record<string, MetricRow> = {}
  for (const type of types) {
    byDefect[type] = {
      ...metrics(subset(set, (defect) => defect === 'good' || defect === type)),
      ...counts(set, (defect) => defect === type),
    }
  }
  return { overall: { ...metrics(set), ...counts(set, () => true) }, byDefect }
}

function counts(
  { defects, milliseconds }: ScoredSet,
  speaksOf: (defect: string) => boolean,
): Pick<MetricRow, 'images' | 'millisecondsPerImage'> {
  const times = Array.from(milliseconds).filter((_, index) => speaksOf(defects[index] as string))
  return { images: times.length, millisecondsPerImage: times.reduce((sum, time) => sum + time, 0) / times.length }
}

function metrics({
  scores,
  maps,
  masks,
  defects,
  hasMasks,
}: ScoredSet): Pick<MetricRow, 'imageAuroc' | 'pixelAuroc' | 'aupro'> {
  const labels = Uint8Array.from(defects, (defect) => (defect === 'good' ? 0 : 1))
  return {
    imageAuroc: whereDefined(() => auroc(scores, labels)),
    pixelAuroc: hasMasks ? whereDefined(() => auroc(maps.data, masks.data)) : null,
    aupro: hasMasks ? whereDefined(() => aupro(maps, masks)) : null,
  }
}

/** null for a metric that is undefined on these images (only one class, no region). */
function whereDefined(compute: () => number): number | null {
  try {
    return compute()
  } catch (error) {
    if (isTabError(error, 'UNDEFINED_RESULT')) return null
    throw error
  }
}

function subset(set: ScoredSet, keep: (defect: string) => boolean): ScoredSet {
  const kept = set.defects.flatMap((defect, index) => (keep(defect) ? [index] : []))
  const [, height, width] = set.maps.shape as [number, number, number]
  const area = height * width
  const maps = new Float32Array(kept.length * area)
  const masks = new Uint8Array(kept.length * area)
  kept.forEach((index, place) => {
    maps.set(set.maps.data.subarray(index * area, (index + 1) * area), place * area)
    masks.set(set.masks.data.subarray(index * area, (index + 1) * area), place * area)
  })
  return {
    scores: Float32Array.from(kept, (index) => set.scores[index] as number),
    maps: tensor([kept.length, height, width], maps),
    masks: tensorOf('uint8', [kept.length, height, width], masks),
    milliseconds: Float32Array.from(kept, (index) => set.milliseconds[index] as number),
    defects: kept.map((index) => set.defects[index] as string),
    hasMasks: set.hasMasks,
  }
}
