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
import { imageScores } from '../prediction/image-score.ts'
import { disposalGuard } from '../prediction/disposal-guard.ts'
import { zeroOutside } from '../within/masked-images.ts'
import { highestPatches, imageWeights, patchScores } from './image-scores.ts'
import { memoryBankBuilder, type MemoryBank } from './memory-bank.ts'
import { rememberedMatrix, type DrawMatrix } from './random-projection.ts'
import type { PatchCoreModel } from './model.ts'
import { searchNear, type PlacedBank } from './place-search.ts'
import { placedBankBuilder } from './placed-bank.ts'
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
 * score of a patch is its distance to the nearest patch of the bank, the score of an image the highest of its patches, or the mean of the highest few
 * (`imageScore`). With `position`, only patches near the same place are compared; with `scales`, several sizes of the image describe one.
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
  const make = settings.position === null ? memoryBankBuilder : placedBankBuilder
  const builder = make(where, backend, settings, task, known?.bank, drawMatrix)
  let size = known?.size
  for await (const batch of patchBatches(where, extractor, settings, normals, task)) {
    size ??= batch.size
    assertFittedSize(where, batch.size, size)
    await builder.add(batch)
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
  const { position } = model.settings
  const index = position === null ? await backend.searchIndex(model.bank.patches) : undefined
  const guard = disposalGuard(() => index?.dispose())
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
  index: SearchIndex | undefined,
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
  const { neighbors: k, position, reweighting, imageScore } = settings
  const neighbors = index
    ? await index.search(vectors, k)
    : await searchNear(where, placedBank(bank), vectors, position as number, k, signal)
  throwIfAborted(where, signal)
  const patches = patchScores(neighbors, settings)
  const cells = zeroOutside(patches, images, [height, width])
  const nearest = (patch: number): number => neighbors.indices.data[patch * k] as number
  const scores = imageScores(patches, count, imageScore, cells)
  if (reweighting !== null && index) {
    const winners = highestPatches(patches, count)
    const weights = await imageWeights(vectors, winners, nearest, index, bank.patches, reweighting)
    weights.forEach((weight, image) => (scores[image] = (scores[image] as number) * weight))
    throwIfAborted(where, signal)
  }
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

function placedBank({ patches, placed }: MemoryBank): PlacedBank {
  const { places, grid } = placed as Exclude<typeof placed, undefined>
  return { patches, places, grid }
}
