import {
  deriveRng,
  sampleIndices,
  TabError,
  tensor,
  throwIfAborted,
  type AnomalySynthesizer,
  type Backend,
  type FeatureExtractor,
  type LongTaskOptions,
  type Tensor,
} from '@tab/core'
import { describePatches } from '../patchcore/patch-batches.ts'
import type { Projections } from './adapted-extractor.ts'
import { contrastProjection } from './contrast-projection.ts'

/** What projections are learned from. */
export interface ProjectionTask {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  readonly layers: readonly string[]
  /** Good images [H,W,3] of one size. */
  readonly images: readonly Tensor[]
  readonly synthesizer: AnomalySynthesizer
  readonly seed: number
}

const ANOMALIES = 96
const BANK = 6144 // patches that a good image is compared with
const KEPT_SHARE = 1 / 3 // of the channels
/** An image as it is, mirrored left to right, top to bottom, and both. */
const VIEWS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const

/** Patches [n,D] of a view of an image. */
interface View {
  readonly image: number
  readonly isMirrored: boolean
  readonly patches: Tensor
}

/**
 * Learns a projection for every layer: from the differences of good patches to the nearest ones of other images (of one or two images, of their
 * mirrored selves too), and from those that anomalies make in the patches that they cover.
 * @throws INVALID_ARGUMENT where no anomaly changes anything; what extractor and synthesizer throw; ABORTED
 */
export async function learnProjections(
  where: string,
  { extractor, backend, layers, images, synthesizer, seed }: ProjectionTask,
  { signal, onProgress }: LongTaskOptions,
): Promise<Projections> {
  const views: View[] = []
  const changes = rowsBuilder()
  const total = images.length * VIEWS.length
  const each = Math.max(1, Math.round(ANOMALIES / total))
  for (const [image, normal] of images.entries()) {
    for (const [place, [left, top]] of VIEWS.entries()) {
      throwIfAborted(where, signal)
      const view = image * VIEWS.length + place
      const clean = mirrored(normal, left, top)
      const anomalies = Array.from({ length: each }, (_, index) =>
        synthesizer.synthesize(clean, deriveRng(seed, 'adapt', view * each + index)),
      )
      const batch = stacked([clean, ...anomalies.map((anomaly) => anomaly.image)])
      const settings = { layers, features: 'concatenated', scales: [1] } as const
      const { vectors, height, width } = await describePatches(where, extractor, settings, batch)
      const [dimension, area] = [vectors.shape[1] as number, height * width]
      const patches = tensor([area, dimension], vectors.data.slice(0, area * dimension))
      views.push({ image, isMirrored: place > 0, patches })
      for (const [index, { mask }] of anomalies.entries()) {
        for (const patch of coveredPatches(mask, height, width)) {
          changes.add(
            vectors.data,
            ((index + 1) * area + patch) * dimension,
            patches.data,
            patch * dimension,
            dimension,
          )
        }
      }
      onProgress?.({ phase: 'adapt', done: view + 1, total })
    }
  }
  const nuisance = rowsBuilder()
  for (const image of images.keys()) {
    throwIfAborted(where, signal)
    const { patches: own } = views.find((view) => view.image === image && !view.isMirrored) as View
    const bank = bankFor(image, images.length, views, deriveRng(seed, 'adapt bank', image))
    const index = await backend.searchIndex(bank)
    try {
      const { indices } = await index.search(own, 1)
      const dimension = own.shape[1] as number
      indices.data.forEach((nearest, patch) =>
        nuisance.add(own.data, patch * dimension, bank.data, nearest * dimension, dimension),
      )
    } finally {
      index.dispose()
    }
  }
  if (!changes.isAny()) {
    const expected = 'anomalies that change a patch of the good images'
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: 'none' })
  }
  const projections = new Map<string, Tensor>()
  let offset = 0
  for (const name of layers) {
    const channels = extractor.layers.find((layer) => layer.name === name)?.channels as number
    const dimensions = Math.max(1, Math.round(KEPT_SHARE * channels))
    const moments = {
      nuisance: await secondMoments(backend, nuisance.columns(offset, channels)),
      signal: await secondMoments(backend, changes.columns(offset, channels)),
    }
    const projection = await contrastProjection(where, moments, channels, dimensions, signal)
    projections.set(name, tensor([channels, dimensions], projection))
    offset += channels
  }
  return projections
}

/** Differences between rows, collected. */
function rowsBuilder() {
  const rows: Float32Array[] = []
  return {
    add(a: Float32Array, fromA: number, b: Float32Array, fromB: number, dimension: number): void {
      const row = new Float32Array(dimension)
      for (let i = 0; i < dimension; i++) row[i] = (a[fromA + i] as number) - (b[fromB + i] as number)
      rows.push(row)
    },
    isAny: (): boolean => rows.some((row) => row.some((value) => value !== 0)),
    /** Some channels of all rows [n,channels]. */
    columns(offset: number, channels: number): Tensor {
      const data = new Float32Array(rows.length * channels)
      rows.forEach((row, index) => data.set(row.subarray(offset, offset + channels), index * channels))
      return tensor([rows.length, channels], data)
    },
  }
}

/** Mean of x x^T over rows x [n,C]: [C,C]. */
async function secondMoments(backend: Backend, rows: Tensor): Promise<Float64Array> {
  const [count, channels] = rows.shape as [number, number]
  const turned = new Float32Array(rows.data.length)
  for (let row = 0; row < count; row++) {
    for (let c = 0; c < channels; c++) turned[c * count + row] = rows.data[row * channels + c] as number
  }
  const { data } = await backend.matmul(tensor([channels, count], turned), rows)
  return Float64Array.from(data, (sum) => sum / count)
}

/** Patches of the other images, and of one or two images of their own mirrored views; a sample of all. */
function bankFor(image: number, images: number, views: readonly View[], rng: () => number): Tensor {
  const others = views.filter((view) => (view.image === image ? images < 3 && view.isMirrored : true))
  const [{ patches: first }] = others as [View]
  const [area, dimension] = first.shape as [number, number]
  const chosen = sampleIndices(rng, others.length * area, Math.min(BANK, others.length * area))
  const bank = new Float32Array(chosen.length * dimension)
  chosen.forEach((number, place) => {
    const { data } = (others[Math.floor(number / area)] as View).patches
    const start = (number % area) * dimension
    bank.set(data.subarray(start, start + dimension), place * dimension)
  })
  return tensor([chosen.length, dimension], bank)
}

/** Patches of a grid of which a mask covers at least 0.3 of the most that it covers of any: a fixed share would lose small defects. */
function coveredPatches({ shape, data }: Tensor<'uint8'>, height: number, width: number): number[] {
  const [rows, columns] = shape as [number, number]
  const cover = new Float32Array(height * width)
  data.forEach((value, pixel) => {
    if (value === 0) return
    const y = Math.floor((Math.floor(pixel / columns) * height) / rows)
    const patch = y * width + Math.floor(((pixel % columns) * width) / columns)
    cover[patch] = (cover[patch] as number) + 1
  })
  const most = cover.reduce((largest, value) => Math.max(largest, value), 0)
  return [...cover.keys()].filter((patch) => most > 0 && (cover[patch] as number) >= 0.3 * most)
}

function mirrored(image: Tensor, leftRight: boolean, topBottom: boolean): Tensor {
  if (!leftRight && !topBottom) return image
  const [height, width] = image.shape as [number, number, number]
  const data = new Float32Array(image.data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((topBottom ? height - 1 - y : y) * width + (leftRight ? width - 1 - x : x)) * 3
      data.set(image.data.subarray(from, from + 3), (y * width + x) * 3)
    }
  }
  return tensor(image.shape, data)
}

function stacked(images: readonly Tensor[]): Tensor {
  const [{ shape, data }] = images as [Tensor]
  const all = new Float32Array(images.length * data.length)
  images.forEach((image, index) => all.set(image.data, index * data.length))
  return tensor([images.length, ...shape], all)
}
