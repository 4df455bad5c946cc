import {
  checkNumber,
  createRng,
  sampleIndices,
  TabError,
  tensor,
  tensorOf,
  throwIfAborted,
  type Backend,
  type Detector,
  type DetectorRecipe,
  type FeatureExtractor,
  type GaussianScorer,
  type LongTaskOptions,
  type Prediction,
  type Tensor,
} from '@tab/core'
import { assertAtMost } from '../at-most.ts'
import { checkLayers } from '../features/check-layers.ts'
import { gridStride } from '../features/grid-stride.ts'
import { layerFeatures } from '../features/layer-features.ts'
import { disposalGuard } from '../prediction/disposal-guard.ts'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import { emptyPrediction } from '../prediction/empty-prediction.ts'
import { assertScorable } from '../prediction/scorable-images.ts'
import { cellsWithin } from '../within/masked-images.ts'
import { mapsWithPeaks } from '../maps/anomaly-map.ts'
import { drawnFeatures } from './drawn-features.ts'
import { runningGaussians, type RunningGaussians } from './running-gaussians.ts'
import { padimSettings, type PadimOptions, type PadimSettings } from './settings.ts'
import { padimState, readPadimState, type PadimModel } from './state.ts'

const DIMENSIONS = 100

/**
 * PaDiM (Defard et al., ICPR 2021): one Gaussian per position of the grid over randomly drawn channels of several layers. The score
 * of a position is its Mahalanobis distance, the score of an image the maximum of the smoothed map. Needs at least two images. With
 * fewer images than dimensions D, a covariance is stored as factors, 4 D bytes per image and position; with more, as a matrix, with at
 * most 8 D^2 bytes per position while fitting and in the detector, however many images there are.
 * @throws INVALID_ARGUMENT for options out of range, NOT_FOUND for layers that the extractor lacks
 * @example
 * ```ts
 * import { padim } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // the pixels themselves as features; in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const image = (level: number) => tensor([1, 8, 8, 3], new Float32Array(192).fill(level))
 * const recipe = padim({ extractor, backend: referenceBackend(), layers: ['pixels'], regularisation: 0.01 })
 * const detector = await recipe.fit([0.4, 0.5, 0.6].map(image)) // mean 0.5, deviation 0.1
 * const { scores, maps } = await detector.predict(image(0.5))
 * console.log(scores.data[0], maps.shape) // 0 [ 1, 8, 8 ]
 * ```
 */
export function padim(options: PadimOptions): DetectorRecipe {
  const { extractor, backend } = options
  const { dimensions } = options
  if (dimensions !== undefined) checkNumber('padim', 'dimensions', dimensions, { integer: true, minimum: 1 })
  const settings = padimSettings('padim', options)
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

async function fit(
  extractor: FeatureExtractor,
  settings: PadimSettings,
  dimensions: number | undefined,
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
    const features = await layerFeatures(where, extractor, settings.layers, images)
    channels ??= drawChannels(where, features, dimensions, settings.seed)
    const { vectors } = drawnFeatures(where, features, channels, settings.interpolation)
    gaussians ??= runningGaussians(vectors.shape[1] as number, channels.length, signal)
    const length = vectors.data.length / count
    for (let image = 0; image < count; image++) {
      // A copy, so that an image waiting to be merged does not keep its whole batch in memory.
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

function drawChannels(
  where: string,
  features: readonly Tensor[],
  dimensions: number | undefined,
  seed: number,
): Int32Array {
  const total = features.reduce((sum, { shape }) => sum + (shape[3] as number), 0)
  if (dimensions !== undefined) assertAtMost(where, 'dimensions', dimensions, total, 'channels of the layers')
  return Int32Array.from(sampleIndices(createRng(seed), total, dimensions ?? Math.min(DIMENSIONS, total)))
}

async function fitted(
  extractor: FeatureExtractor,
  backend: Backend,
  settings: PadimSettings,
  model: PadimModel,
): Promise<Detector> {
  const scorer = await backend.gaussianScorer(model.mean, model.covariance)
  const guard = disposalGuard(() => scorer.dispose())
  return {
    predict: async (images, task = {}) =>
      guard.run('padim.predict', async () => predict(extractor, settings, model, scorer, images, task)),
    state: () => padimState(extractor.id, settings, model),
    dispose: () => guard.dispose(),
  }
}

async function predict(
  extractor: FeatureExtractor,
  settings: PadimSettings,
  { channels, size }: PadimModel,
  scorer: GaussianScorer,
  images: Tensor,
  { signal, onProgress }: LongTaskOptions,
): Promise<Prediction> {
  const where = 'padim.predict'
  assertScorable(where, images, size)
  throwIfAborted(where, signal)
  const count = images.shape[0] as number
  if (count === 0) return emptyPrediction(size, settings.mapSize, gridStride(where, extractor, settings.layers))
  const features = await layerFeatures(where, extractor, settings.layers, images)
  throwIfAborted(where, signal)
  const { vectors, height, width } = drawnFeatures(where, features, channels.data, settings.interpolation)
  const distances = await scorer.score(vectors)
  throwIfAborted(where, signal)
  const cells = cellsWithin(images, [height, width])
  const scores = cells ? distances.data.map((distance, at) => (cells[at] ? distance : 0)) : distances.data
  const grid = tensor([count, height, width], scores)
  const { maps, peaks } = mapsWithPeaks(grid, size, settings.sigma, settings.mapSize)
  onProgress?.({ phase: 'predict', done: count, total: count })
  return checkedPrediction(where, { scores: tensor([count], peaks), maps }, count)
}
