import {
  assertTensor,
  checkNumber,
  createRng,
  formatShape,
  sampleIndices,
  TabError,
  tensor,
  tensorOf,
  throwIfAborted,
  type Backend,
  type Detector,
  type DetectorRecipe,
  type FeatureExtractor,
  type LongTaskOptions,
  type Prediction,
  type Tensor,
} from '@tab/core'
import { anomalyMaps } from '../anomaly-map.ts'
import { checkLayers } from '../check-layers.ts'
import { assertFinitePixels } from '../finite-images.ts'
import { normalBatches } from '../normal-batches.ts'
import { drawnFeatures, layersOf, type Interpolation } from './drawn-features.ts'
import { runningGaussians, type RunningGaussians } from './running-gaussians.ts'
import { padimState, readPadimState, type PadimModel } from './state.ts'

export interface PadimOptions {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  /** Feature layers, the finest grid first. Default `['layer1', 'layer2', 'layer3']`. */
  readonly layers?: readonly string[]
  /** Channels kept, drawn at random: 100 for ResNet-18, 550 for WideResNet-50 in the paper. Default 100, or all if fewer. */
  readonly dimensions?: number
  /** How deeper layers come to the first one's grid; anomalib takes the nearest. Default `'bilinear'`. */
  readonly interpolation?: Interpolation
  /** Added to the diagonal of every covariance. Default 0.01. */
  readonly regularisation?: number
  /** Gaussian over the anomaly map, in pixels. Default 4. */
  readonly sigma?: number
  /** Seed of the draw of channels. Default 0. */
  readonly seed?: number
}

/** The settings that a fitted detector keeps. */
export interface PadimSettings {
  readonly layers: readonly string[]
  readonly interpolation: Interpolation
  readonly sigma: number
  readonly regularisation: number
  readonly seed: number
}

/**
 * PaDiM (Defard et al., ICPR 2021): one Gaussian a position of the grid over randomly drawn channels of several layers; a
 * position's score is its Mahalanobis distance, an image's score the maximum of the smoothed map. Needs at least two images. Of
 * fewer images than dimensions a covariance is kept by its factors, 4 D bytes an image and position; of more as a matrix, with
 * at most 8 D^2 bytes a position while fitting and in the detector, whatever the number of images.
 * @throws INVALID_ARGUMENT for options out of range, NOT_FOUND for layers that the extractor lacks
 */
export function padim(options: PadimOptions): DetectorRecipe {
  const { extractor, backend } = options
  const dimensions = checkNumber('padim', 'dimensions', options.dimensions ?? 100, { integer: true, minimum: 1 })
  const settings: PadimSettings = {
    layers: options.layers ?? ['layer1', 'layer2', 'layer3'],
    interpolation: checkInterpolation(options.interpolation ?? 'bilinear'),
    sigma: checkNumber('padim', 'sigma', options.sigma ?? 4, { minimum: 0, maximum: 100 }),
    regularisation: checkNumber('padim', 'regularisation', options.regularisation ?? 0.01, { above: 0 }),
    seed: options.seed ?? 0,
  }
  checkLayers('padim', extractor, settings.layers)
  return {
    fit: async (normals, task = {}) =>
      fitted(extractor, backend, settings, await fit(extractor, settings, dimensions, normals, task)),
    async restore(state) {
      const { settings: kept, model } = readPadimState(state, extractor)
      return fitted(extractor, backend, kept, model)
    },
  }
}

function checkInterpolation(interpolation: Interpolation): Interpolation {
  if (interpolation === 'bilinear' || interpolation === 'nearest') return interpolation
  const expected = "interpolation must be 'bilinear' or 'nearest'"
  throw new TabError('INVALID_ARGUMENT', { where: 'padim', expected, actual: String(interpolation) })
}

async function fit(
  extractor: FeatureExtractor,
  settings: PadimSettings,
  dimensions: number,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress }: LongTaskOptions,
): Promise<PadimModel> {
  const where = 'padim.fit'
  let gaussians: RunningGaussians | undefined
  let channels: Int32Array | undefined
  let size: readonly [number, number] | undefined
  for await (const { images, size: batchSize } of normalBatches(where, normals, signal)) {
    size = batchSize
    const count = images.shape[0] as number
    const features = await layerFeatures(where, extractor, settings, images)
    channels ??= drawChannels(features, dimensions, settings.seed)
    const { vectors } = drawnFeatures(where, features, channels, settings.interpolation)
    gaussians ??= runningGaussians(vectors.shape[1] as number, channels.length, signal)
    const length = vectors.data.length / count
    for (let image = 0; image < count; image++) {
      // A copy of its own, so that what waits to be merged does not hold its whole batch.
      await gaussians.add(vectors.data.slice(image * length, (image + 1) * length))
    }
    onProgress?.({ phase: 'extract', done: gaussians.count() })
  }
  if (!size || !channels || !gaussians || gaussians.count() < 2) {
    const actual = String(gaussians?.count() ?? 'none')
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least two good images for a covariance', actual })
  }
  const { mean, covariance } = await gaussians.finish(settings.regularisation)
  return { mean, covariance, channels: tensorOf('int32', [channels.length], channels), size }
}

function drawChannels(features: readonly Tensor[], dimensions: number, seed: number): Int32Array {
  const total = features.reduce((sum, { shape }) => sum + (shape[3] as number), 0)
  return Int32Array.from(sampleIndices(createRng(seed), total, Math.min(dimensions, total)))
}

async function layerFeatures(
  where: string,
  extractor: FeatureExtractor,
  { layers }: PadimSettings,
  images: Tensor,
): Promise<Tensor[]> {
  return layersOf(where, await extractor.extract(images, layers), layers, images.shape[0] as number)
}

function assertSize(where: string, images: Tensor, size: readonly [number, number]): void {
  if (images.shape[1] === size[0] && images.shape[2] === size[1]) return
  const expected = `images of one size, ${formatShape(['N', ...size, 3])}`
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: formatShape(images.shape) })
}

async function fitted(
  extractor: FeatureExtractor,
  backend: Backend,
  settings: PadimSettings,
  model: PadimModel,
): Promise<Detector> {
  const { mean, covariance, channels, size } = model
  const scorer = await backend.gaussianScorer(mean, covariance)
  let disposed = false
  const assertUsable = (where: string): void => {
    if (disposed) throw new TabError('DISPOSED', { where, message: 'used after dispose()' })
  }
  return {
    async predict(images, { signal, onProgress } = {}): Promise<Prediction> {
      const where = 'padim.predict'
      assertUsable(where)
      assertTensor(where, 'images', images, ['N', 'H', 'W', 3])
      assertSize(where, images, size)
      throwIfAborted(where, signal)
      const count = images.shape[0] as number
      const area = size[0] * size[1]
      if (count === 0)
        return { scores: tensor([0], new Float32Array(0)), maps: tensor([0, ...size], new Float32Array(0)) }
      assertFinitePixels(where, images)
      const features = await layerFeatures(where, extractor, settings, images)
      throwIfAborted(where, signal)
      assertUsable(where) // disposed while the extractor ran
      const { vectors, height, width } = drawnFeatures(where, features, channels.data, settings.interpolation)
      const distances = await scorer.score(vectors)
      throwIfAborted(where, signal)
      const maps = anomalyMaps(tensor([count, height, width], distances.data), size, settings.sigma)
      const scores = Float32Array.from({ length: count }, (_, image) =>
        maps.data.subarray(image * area, (image + 1) * area).reduce((most, value) => Math.max(most, value), 0),
      )
      onProgress?.({ phase: 'predict', done: count, total: count })
      return { scores: tensor([count], scores), maps }
    },
    state: () => padimState(extractor.id, settings, model),
    dispose() {
      if (!disposed) scorer.dispose()
      disposed = true
    },
  }
}
