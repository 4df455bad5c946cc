import { anomalyMaps } from '@tab/adapters'
import { sizeOf, tensor, tensorOf, type Detector, type Tensor } from '@tab/core'
import type { Sample } from '@tab/data'
import { auroc, createBinnedAupro, createBinnedAuroc } from '@tab/metrics'

/** Test images in memory, with masks. */
export interface TestBatch {
  readonly images: Tensor
  readonly masks: Tensor<'uint8'>
  readonly samples: readonly Sample[]
}

export interface Figures {
  /** By the highest patch, and by the mean of the highest 1 %. */
  readonly imageAuroc: { readonly max: number; readonly top1: number }
  readonly pixelAuroc: number
  readonly aupro: number
  /** Of predicting, without the features, which are kept. */
  readonly millisecondsPerImage: number
}

const SIGMA = 4
const TOP = 0.01
const BINS = 2 ** 14

/** @param detector whose maps are the scores of the patches: `mapSize: 'grid'`, `sigma: 0` */
export async function scoreDetector(detector: Detector, test: readonly TestBatch[]): Promise<Figures> {
  const scores: Record<keyof Figures['imageAuroc'], number[]> = { max: [], top1: [] }
  const labels: number[] = []
  const masked: { readonly maps: Tensor; readonly masks: Tensor<'uint8'> }[] = []
  let milliseconds = 0
  for (const { images, masks, samples } of test) {
    const start = performance.now()
    const { maps: grid } = await detector.predict(images)
    milliseconds += performance.now() - start
    const maps = anomalyMaps(grid, images.shape.slice(1, 3) as [number, number], SIGMA)
    for (const [i, { label, maskPath }] of samples.entries()) {
      const ascending = imageOf(grid, i).data.sort()
      const top = ascending.subarray(-Math.max(1, Math.round(TOP * ascending.length)))
      scores.max.push(ascending.at(-1) as number)
      scores.top1.push(top.reduce((sum, value) => sum + value, 0) / top.length)
      labels.push(label)
      if (label === 0 || maskPath !== undefined) masked.push({ maps: imageOf(maps, i), masks: imageOf(masks, i) })
    }
  }
  let [minimum, maximum] = [Infinity, 0]
  for (const { maps } of masked) {
    for (const value of maps.data) [minimum, maximum] = [Math.min(minimum, value), Math.max(maximum, value)]
  }
  const bins = { minimum, maximum, count: BINS }
  const [pixels, regions] = [createBinnedAuroc(bins), createBinnedAupro({ bins })]
  for (const { maps, masks } of masked) {
    pixels.update(maps.data, masks.data)
    regions.update(maps, masks)
  }
  return {
    imageAuroc: { max: auroc(scores.max, labels), top1: auroc(scores.top1, labels) },
    pixelAuroc: pixels.compute().value,
    aupro: regions.compute().value,
    millisecondsPerImage: milliseconds / labels.length,
  }
}

/** A copy of one image of a batch, as a batch of one. */
function imageOf<D extends 'float32' | 'uint8'>({ dtype, shape, data }: Tensor<D>, index: number): Tensor<D> {
  const length = sizeOf(shape.slice(1))
  const own = data.slice(index * length, (index + 1) * length)
  const rest = [1, ...shape.slice(1)]
  return (
    dtype === 'float32' ? tensor(rest, own as Float32Array) : tensorOf('uint8', rest, own as Uint8Array)
  ) as Tensor<D>
}
