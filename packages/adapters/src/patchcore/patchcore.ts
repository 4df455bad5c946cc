import {
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
import { assertAtMost } from '../at-most.ts'
import { predictionMaps } from '../maps/anomaly-map.ts'
import { checkLayers } from '../features/check-layers.ts'
import { gridStride } from '../features/grid-stride.ts'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { emptyPrediction } from '../prediction/empty-prediction.ts'
import { assertFittedSize, assertScorable } from '../prediction/scorable-images.ts'
import { disposalGuard } from '../prediction/disposal-guard.ts'
import { highestPatches, imageWeights, patchScores } from './image-scores.ts'
import { memoryBankBuilder } from './memory-bank.ts'
import type { PatchCoreModel } from './model.ts'
import { describePatches, patchBatches } from './patch-batches.ts'
import { patchCoreSettings, type PatchCoreOptions, type PatchCoreSettings } from './settings.ts'
import { patchCoreState, readPatchCoreState } from './state.ts'

/** PatchCore with its settings. */
export interface PatchCoreRecipe extends DetectorRecipe {
  /**
   * A new detector that knows more good parts: the patches of a fitted one's bank and the new ones compete for a bank of the
   * size that the settings give for all patches seen. What was fitted before goes on as it was.
   * @param state of the fitted detector, whose settings hold
   * @param normals batches [N,H,W,3] of the size that it was fitted on
   * @throws as `fit` and `restore`
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
}

/**
 * PatchCore (Roth et al., CVPR 2022): a memory bank of patch features of good parts, thinned to a coreset by greedy k-center; a
 * patch's score is its distance to the nearest of the bank, an image's score the highest of its patches.
 * @throws INVALID_ARGUMENT for options out of range, NOT_FOUND for layers that the extractor lacks
 */
export function patchCore(options: PatchCoreOptions): PatchCoreRecipe {
  const { extractor, backend } = options
  const engines = { extractor, backend }
  const settings = patchCoreSettings('patchCore', options)
  checkLayers('patchCore', extractor, settings.layers)
  return {
    fit: async (normals, task = {}) =>
      fitted(engines, await learn('patchCore.fit', engines, settings, normals, task, undefined)),
    restore: async (state) => fitted(engines, readPatchCoreState('patchCore.restore', state, extractor)),
    async extend(state, normals, task = {}) {
      const where = 'patchCore.extend'
      const known = readPatchCoreState(where, state, extractor)
      return fitted(engines, await learn(where, engines, known.settings, normals, task, known))
    },
  }
}

async function learn(
  where: string,
  { extractor, backend }: Engines,
  settings: PatchCoreSettings,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  task: LongTaskOptions,
  known: PatchCoreModel | undefined,
): Promise<PatchCoreModel> {
  const builder = memoryBankBuilder(where, backend, settings, task, known?.bank)
  let size = known?.size
  for await (const { patches, size: batchSize } of patchBatches(where, extractor, settings, normals, task)) {
    size ??= batchSize
    assertFittedSize(where, batchSize, size)
    await builder.add(patches)
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
  return checkedPrediction(where, { scores: tensor([count], scores), maps }, count)
}
