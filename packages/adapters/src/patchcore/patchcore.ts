import {
  tensor,
  tensorOf,
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
import { assertAtMost } from '../at-most.ts'
import { predictionMaps } from '../maps/anomaly-map.ts'
import { checkLayers } from '../features/check-layers.ts'
import { gridStride } from '../features/grid-stride.ts'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { emptyPrediction } from '../prediction/empty-prediction.ts'
import { assertFittedSize, assertScorable } from '../prediction/scorable-images.ts'
import { disposalGuard } from '../prediction/disposal-guard.ts'
import { cellsWithin } from '../within/masked-images.ts'
import { highestPatches, imageWeights, patchScores } from './image-scores.ts'
import { memoryBankBuilder } from './memory-bank.ts'
import { rememberedMatrix, type DrawMatrix } from './random-projection.ts'
import type { PatchCoreModel } from './model.ts'
import { describePatches, patchBatches } from './patch-batches.ts'
import { patchCoreSettings, type PatchCoreOptions, type PatchCoreSettings } from './settings.ts'
import { patchCoreState, readPatchCoreState } from './state.ts'

/** PatchCore with its settings. */
export interface PatchCoreRecipe extends DetectorRecipe {
  /**
   * Makes a new detector that knows more good parts: the patches of a fitted detector's bank compete with the new ones for a bank
   * whose size the settings give for all patches seen. The fitted detector stays as it is.
   * @param state of the fitted detector, whose settings apply
   * @param normals batches [N,H,W,3] of the size it was fitted on
   * @throws as `fit` and `restore` do
   */
  extend(
    state: DetectorState,
    normals: AsyncIterable<Tensor> | Iterable<Tensor>,
    options?: LongTaskOptions,
  ): Promise<Detector>
}

const BANK = 'patches of the memory bank'

interface Engines {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  readonly drawMatrix: DrawMatrix
}

/**
 * PatchCore (Roth et al., CVPR 2022): a memory bank of patch features of good parts, reduced to a coreset by greedy k-center. The
 * score of a patch is its distance to the nearest patch of the bank, the score of an image the highest of its patches.
 * @throws INVALID_ARGUMENT for options out of range, NOT_FOUND for layers that the extractor lacks
 * @example
 * ```ts
 * import { patchCore } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const image = (level: number) => tensor([1, 8, 8, 3], new Float32Array(192).fill(level))
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'], coresetRatio: 1 })
 * const detector = await recipe.fit([image(0.25), image(0.5)])
 * const { scores, maps } = await detector.predict(image(0.5))
 * console.log(scores.data[0], maps.shape) // 0 [ 1, 8, 8 ]
 * ```
 */
export function patchCore(options: PatchCoreOptions): PatchCoreRecipe {
  const { extractor, backend } = options
  const engines = { extractor, backend, drawMatrix: rememberedMatrix() }
  const settings = patchCoreSettings('patchCore', options)
  checkLayers('patchCore', extractor, settings.layers)
  return {
    fit: async (normals, task = {}) =>
      fitted(engines, await learn('patchCore.fit', engines, settings, normals, task, undefined)),
    restore: async (state) => fitted(engines, readPatchCoreState('patchCore.restore', state, extractor)),
    async extend(state, normals, task = {}) {
      const where = 'patchCore.extend'
      const known = readPatchCoreState(where, state, extractor)
      const own = { ...engines, drawMatrix: rememberedMatrix() } // the seed is that of the state
      return fitted(engines, await learn(where, own, known.settings, normals, task, known))
    },
  }
}

async function learn(
  where: string,
  { extractor, backend, drawMatrix }: Engines,
  settings: PatchCoreSettings,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  task: LongTaskOptions,
  known: PatchCoreModel | undefined,
): Promise<PatchCoreModel> {
  const builder = memoryBankBuilder(where, backend, settings, task, known?.bank, drawMatrix)
  let size = known?.size
  for await (const { patches, origins, size: batchSize } of patchBatches(where, extractor, settings, normals, task)) {
    size ??= batchSize
    assertFittedSize(where, batchSize, size)
    await builder.add(patches, origins)
  }
  const bank = await builder.finish()
  const [patches] = bank.patches.shape as [number, number]
  assertAtMost(where, 'neighbors', settings.neighbors, patches, BANK)
  if (settings.reweighting !== null) assertAtMost(where, 'reweighting', settings.reweighting, patches, BANK)
  return { settings, bank, size: size as readonly [number, number] }
}

async function fitted({ extractor, backend }: Engines, model: PatchCoreModel): Promise<Detector> {
  const [patches] = model.bank.patches.shape as [number, number]
  assertAtMost('patchCore', 'neighbors', model.settings.neighbors, patches, BANK)
  const index = await backend.searchIndex(model.bank.patches)
  const guard = disposalGuard(() => index.dispose())
  return {
    predict: async (images, task = {}) =>
      guard.run('patchCore.predict', async () => predict(extractor, model, index, images, task)),
    state: (): DetectorState => patchCoreState(extractor.id, model),
    dispose: () => guard.dispose(),
  }
}

async function predict(
  extractor: FeatureExtractor,
  { settings, bank, size }: PatchCoreModel,
  index: SearchIndex,
  images: Tensor,
  { signal, onProgress }: LongTaskOptions,
): Promise<Prediction> {
  const where = 'patchCore.predict'
  assertScorable(where, images, size)
  throwIfAborted(where, signal)
  const count = images.shape[0] as number
  if (count === 0) return emptyPrediction(size, settings.mapSize, gridStride(where, extractor, settings.layers))
  const { vectors, height, width } = await describePatches(where, extractor, settings, images)
  throwIfAborted(where, signal)
  const neighbors = await index.search(vectors, settings.neighbors)
  throwIfAborted(where, signal)
  const patches = patchScores(neighbors, settings)
  cellsWithin(images, [height, width])?.forEach((inside, patch) => inside || (patches[patch] = 0))
  const winners = highestPatches(patches, count)
  const nearest = (patch: number): number => neighbors.indices.data[patch * settings.neighbors] as number
  const weights =
    settings.reweighting === null
      ? undefined
      : await imageWeights(vectors, winners, nearest, index, bank.patches, settings.reweighting)
  throwIfAborted(where, signal)
  const scores = Float32Array.from(winners, (patch, image) => (patches[patch] as number) * (weights?.[image] ?? 1))
  const maps = predictionMaps(tensor([count, height, width], patches), size, settings.sigma, settings.mapSize)
  onProgress?.({ phase: 'predict', done: count, total: count })
  const known = bank.origins && nearestOrigins(bank.origins, nearest, [count, height, width])
  const why = known ? { nearest: known } : {}
  return checkedPrediction(where, { scores: tensor([count], scores), maps, ...why }, count)
}

/** Of each patch, what its nearest neighbour in the bank is a patch of: [N,h,w,3]. */
function nearestOrigins(
  origins: Tensor<'int32'>,
  nearest: (patch: number) => number,
  grid: readonly [number, number, number],
): Tensor<'int32'> {
  const data = new Int32Array(grid[0] * grid[1] * grid[2] * 3)
  for (let patch = 0; patch * 3 < data.length; patch++) {
    const row = nearest(patch) * 3
    data.set(origins.data.subarray(row, row + 3), patch * 3)
  }
  return tensorOf('int32', [...grid, 3], data)
}
