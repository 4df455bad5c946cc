import {
  TabError,
  tensor,
  throwIfAborted,
  type Backend,
  type Detector,
  type DetectorRecipe,
  type FeatureExtractor,
  type LongTaskOptions,
  type Prediction,
  type Tensor,
} from '@tab/core'
import { checkLayers } from '../features/check-layers.ts'
import { gridStride } from '../features/grid-stride.ts'
import { predictionMaps } from '../maps/anomaly-map.ts'
import { describePatches, patchBatches } from '../patchcore/patch-batches.ts'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { disposalGuard } from '../prediction/disposal-guard.ts'
import { emptyPrediction } from '../prediction/empty-prediction.ts'
import { imageScores } from '../prediction/image-score.ts'
import { assertScorable } from '../prediction/scorable-images.ts'
import { zeroOutside } from '../within/masked-images.ts'
import { patchMoments, type PatchMoments } from './patch-moments.ts'
import { residualSpace } from './residual-space.ts'
import { subspaceSettings, type SubspaceOptions, type SubspaceSettings } from './settings.ts'
import { readSubspaceState, subspaceState, type SubspaceModel } from './state.ts'
import { symmetricEigen } from '../linear-algebra/symmetric-eigen.ts'

interface Engines {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
}

/**
 * The subspace of good patches (SubspaceAD, Lendering, Akdag and Bondarev 2026): principal components of the patch features of good
 * parts, wherever the patches lie. The score of a patch is the length of what its projection on them leaves (the paper takes the square),
 * the score of an image the mean of its highest 1 %. Patches are described as for PatchCore; nothing of them is kept, so that a fit takes
 * the memory of one matrix [D,D] and of the decomposition, whose time grows with the cube of D.
 * @throws INVALID_ARGUMENT for options out of range, NOT_FOUND for layers that the extractor lacks
 * @example
 * ```ts
 * import { subspace } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // the pixels themselves as features; in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const image = (...rgb: number[]) => tensor([1, 8, 8, 3], Float32Array.from({ length: 192 }, (_, at) => rgb[at % 3] ?? 0))
 * const recipe = subspace({ extractor, backend: referenceBackend(), layers: ['pixels'], components: 1 })
 * const detector = await recipe.fit([image(0.2, 0.2, 0.2), image(0.6, 0.6, 0.6)]) // greys
 * const scores = [image(0.9, 0.9, 0.9), image(0.9, 0.1, 0.1)].map(async (one) => (await detector.predict(one)).scores.data[0])
 * console.log((await Promise.all(scores)).map((score) => score?.toFixed(2))) // [ '0.00', '0.65' ]
 * ```
 */
export function subspace(options: SubspaceOptions): DetectorRecipe {
  const { extractor, backend } = options
  const engines = { extractor, backend }
  const settings = subspaceSettings('subspace', options)
  checkLayers('subspace', extractor, settings.layers)
  return {
    fit: async (normals, task = {}) => fitted(engines, await learn(extractor, settings, normals, task)),
    restore: async (state) => fitted(engines, readSubspaceState(state, extractor)),
  }
}

async function learn(
  extractor: FeatureExtractor,
  settings: SubspaceSettings,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  task: LongTaskOptions,
): Promise<SubspaceModel> {
  const where = 'subspace.fit'
  const { signal } = task
  let moments: PatchMoments | undefined
  let size: readonly [number, number] | undefined
  const described = { ...settings, features: 'concatenated' } as const
  for await (const { patches, size: batchSize } of patchBatches(where, extractor, described, normals, task)) {
    size = batchSize
    moments ??= await patchMoments(where, patches.shape[1] as number, signal)
    await moments.add(patches)
  }
  if (!moments || !size) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
  }
  const mean = moments.mean()
  const dimension = mean.length
  const eigen = await symmetricEigen(where, moments.covariance(), dimension, signal)
  const { columns, rank } = residualSpace(where, eigen, settings)
  return {
    settings,
    mean: tensor([dimension], Float32Array.from(mean)),
    residual: tensor([dimension, rank], columns),
    size,
  }
}

function fitted({ extractor, backend }: Engines, model: SubspaceModel): Detector {
  const guard = disposalGuard(() => undefined)
  return {
    predict: async (images, task = {}) =>
      guard.run('subspace.predict', async () => predict({ extractor, backend }, model, images, task)),
    state: () => subspaceState(extractor.id, model),
    dispose: () => guard.dispose(),
  }
}

async function predict(
  { extractor, backend }: Engines,
  { settings, mean, residual, size }: SubspaceModel,
  images: Tensor,
  { signal, onProgress }: LongTaskOptions,
): Promise<Prediction> {
  const where = 'subspace.predict'
  assertScorable(where, images, size)
  throwIfAborted(where, signal)
  const count = images.shape[0] as number
  if (count === 0) return emptyPrediction(size, settings.mapSize, gridStride(where, extractor, settings.layers))
  const described = { ...settings, features: 'concatenated' } as const
  const { vectors, height, width } = await describePatches(where, extractor, described, images)
  throwIfAborted(where, signal)
  const patches = await residualNorms(backend, vectors, mean, residual)
  throwIfAborted(where, signal)
  const cells = zeroOutside(patches, images, [height, width])
  const scores = imageScores(patches, count, settings.imageScore, cells)
  const maps = predictionMaps(tensor([count, height, width], patches), size, settings.sigma, settings.mapSize)
  onProgress?.({ phase: 'predict', done: count, total: count })
  return checkedPrediction(where, { scores: tensor([count], scores), maps }, count)
}

/** Lengths of the parts of vectors [N,D] in the residual space. */
async function residualNorms(backend: Backend, vectors: Tensor, mean: Tensor, residual: Tensor): Promise<Float32Array> {
  const [dimension, rank] = residual.shape as [number, number]
  const centred = vectors.data.map((value, at) => value - (mean.data[at % dimension] as number))
  const { data } = await backend.matmul(tensor(vectors.shape, centred), residual)
  return Float32Array.from({ length: vectors.shape[0] as number }, (_, row) => {
    let squared = 0
    for (let at = row * rank; at < (row + 1) * rank; at++) squared += (data[at] as number) ** 2
    return Math.sqrt(squared)
  })
}
