import {
  assertTensor,
  checkNumber,
  createRng,
  formatShape,
  randomInteger,
  TabError,
  tensor,
  throwIfAborted,
  type Backend,
  type Detector,
  type DetectorRecipe,
  type DetectorState,
  type FeatureExtractor,
  type LongTaskOptions,
  type Prediction,
  type SearchIndex,
  type Tensor,
} from '@tab/core'
import { anomalyMaps } from '../anomaly-map.ts'
import { checkLayers } from '../check-layers.ts'
import { assertFinitePixels } from '../finite-images.ts'
import { collectPatches } from './collect-patches.ts'
import { kCenter } from './k-center.ts'
import { patchFeatures } from './patch-features.ts'
import { randomProjection } from './random-projection.ts'
import { patchCoreState, readPatchCoreState } from './state.ts'

export interface PatchCoreOptions {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  /** Feature layers, the finest grid first. Default `['layer2', 'layer3']`. */
  readonly layers?: readonly string[]
  /** Share of the patches kept in the memory bank, above 0 and up to 1. Default 0.1. */
  readonly coresetRatio?: number
  /** Dimensions in which the coreset is chosen. Default 128. */
  readonly projectionDimension?: number
  /** Gaussian over the anomaly map, in pixels. Default 4. */
  readonly sigma?: number
  /** Seed of the projection and of the coreset's first point. Default 0. */
  readonly seed?: number
}

/** The settings that a fitted detector keeps. */
export interface PatchCoreSettings {
  readonly layers: readonly string[]
  readonly coresetRatio: number
  readonly projectionDimension: number
  readonly sigma: number
  readonly seed: number
}

/**
 * PatchCore (Roth et al., CVPR 2022): a memory bank of patch features of good parts, thinned to a coreset by greedy k-center; a
 * patch's score is its distance to the nearest of the bank, an image's score the highest of its patches. Flavour of
 * anomalib 2.x: 3x3 averaged layers, joined channels, Euclidean distance, one neighbour.
 * @throws INVALID_ARGUMENT for options out of range, NOT_FOUND for layers that the extractor lacks
 */
export function patchCore(options: PatchCoreOptions): DetectorRecipe {
  const { extractor, backend } = options
  const settings: PatchCoreSettings = {
    layers: options.layers ?? ['layer2', 'layer3'],
    coresetRatio: checkNumber('patchCore', 'coresetRatio', options.coresetRatio ?? 0.1, { above: 0, maximum: 1 }),
    projectionDimension: checkNumber('patchCore', 'projectionDimension', options.projectionDimension ?? 128, {
      integer: true,
      minimum: 1,
    }),
    sigma: checkNumber('patchCore', 'sigma', options.sigma ?? 4, { minimum: 0, maximum: 100 }),
    seed: options.seed ?? 0,
  }
  checkLayers('patchCore', extractor, settings.layers)

  return {
    async fit(normals, task = {}) {
      const { patches, size } = await collectPatches(extractor, settings.layers, normals, task)
      const rng = createRng(settings.seed)
      const projected = await randomProjection(backend, patches, settings.projectionDimension, rng)
      const [count, dimension] = patches.shape as [number, number]
      const kept = Math.max(1, Math.round(count * settings.coresetRatio))
      const rows = await kCenter(projected, kept, { ...task, start: randomInteger(rng, 0, count - 1) })
      const bank = new Float32Array(kept * dimension)
      rows.forEach((row, place) =>
        bank.set(patches.data.subarray(row * dimension, (row + 1) * dimension), place * dimension),
      )
      return fitted(extractor, backend, settings, tensor([kept, dimension], bank), size)
    },
    async restore(state) {
      const { bank, size, settings: kept } = readPatchCoreState(state, extractor)
      return fitted(extractor, backend, kept, bank, size)
    },
  }
}

async function fitted(
  extractor: FeatureExtractor,
  backend: Backend,
  settings: PatchCoreSettings,
  bank: Tensor,
  size: readonly [number, number],
): Promise<Detector> {
  const index = await backend.searchIndex(bank)
  let disposed = false
  return {
    async predict(images, task = {}) {
      if (disposed) throw new TabError('DISPOSED', { where: 'patchCore.predict', message: 'used after dispose()' })
      return predict(extractor, settings, index, size, images, task)
    },
    state: (): DetectorState => patchCoreState(extractor.id, settings, bank, size),
    dispose() {
      if (!disposed) index.dispose()
      disposed = true
    },
  }
}

async function predict(
  extractor: FeatureExtractor,
  { layers, sigma }: PatchCoreSettings,
  index: SearchIndex,
  size: readonly [number, number],
  images: Tensor,
  { signal, onProgress }: LongTaskOptions,
): Promise<Prediction> {
  const where = 'patchCore.predict'
  assertTensor(where, 'images', images, ['N', 'H', 'W', 3])
  const count = images.shape[0] as number
  if (images.shape[1] !== size[0] || images.shape[2] !== size[1]) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `images of the size that was fitted, ${formatShape(['N', ...size, 3])}`,
      actual: formatShape(images.shape),
    })
  }
  throwIfAborted(where, signal)
  if (count === 0) return { scores: tensor([0], new Float32Array(0)), maps: tensor([0, ...size], new Float32Array(0)) }
  assertFinitePixels(where, images)
  const features = await extractor.extract(images, layers)
  throwIfAborted(where, signal)
  const { vectors, height, width } = patchFeatures(layers.map((layer) => features.get(layer) as Tensor))
  const { distances } = await index.search(vectors, 1)
  throwIfAborted(where, signal)
  const positions = height * width
  const scores = Float32Array.from({ length: count }, (_, image) =>
    distances.data
      .subarray(image * positions, (image + 1) * positions)
      .reduce((most, value) => Math.max(most, value), 0),
  )
  onProgress?.({ phase: 'predict', done: count, total: count })
  return {
    scores: tensor([count], scores),
    maps: anomalyMaps(tensor([count, height, width], distances.data), size, sigma),
  }
}
