import { checkNumber, TabError, type Backend, type FeatureExtractor } from '@tab/core'
import type { MapSize } from '../maps/anomaly-map.ts'
import { oneOf } from '../one-of.ts'

/**
 * How patches are described and compared. `concatenated` (anomalib 2.x): layers averaged over 3x3, channels concatenated, Euclidean
 * distance. `reference` (amazon-science/patchcore-inspection): neighbourhoods averaged adaptively to 1024 values, squared distance.
 */
export type PatchFeatureKind = 'concatenated' | 'reference'

export interface PatchCoreOptions {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  /** Feature layers, the finest grid first. Default `['layer2', 'layer3']`. */
  readonly layers?: readonly string[]
  /** Default `concatenated`. */
  readonly features?: PatchFeatureKind
  /** A patch's score is the mean distance to this many nearest patches of the memory bank. Default 1. */
  readonly neighbors?: number
  /**
   * Applies the image score weights of equation 7 of the paper, with this number of bank neighbours (anomalib: 9): at least 2, at most the
   * size of the bank. Default: no reweighting; the image score is the highest patch score.
   */
  readonly reweighting?: number
  /** Share of the patches kept in the memory bank: above 0, at most 1. Default 0.1, unless `coresetSize` is given. */
  readonly coresetRatio?: number
  /** Number of patches kept in the memory bank, instead of `coresetRatio`; at most all patches of the good images. */
  readonly coresetSize?: number
  /** Number of dimensions in which the coreset is selected. Default 128. */
  readonly projectionDimension?: number
  /**
   * Most bytes that fitting may hold in patch features, including those for selecting the coreset, besides the current batch. Patches
   * that exceed it are reduced on the way; otherwise the result is the same as without a limit. Default: no limit.
   */
  readonly memoryLimit?: number
  /** Standard deviation, in input pixels, of the Gaussian that smooths the anomaly map. Default 4. */
  readonly sigma?: number
  /** Resolution of the maps: the images' (`input`) or that of the first layer's grid (`grid`). Default `input`. */
  readonly mapSize?: MapSize
  /** Seed for the projection and the first point of the coreset. Default 0. */
  readonly seed?: number
}

/** The settings that a fitted detector keeps; null where not set. */
export interface PatchCoreSettings {
  readonly layers: readonly string[]
  readonly features: PatchFeatureKind
  readonly neighbors: number
  readonly reweighting: number | null
  readonly coresetRatio: number | null
  readonly coresetSize: number | null
  readonly projectionDimension: number
  readonly memoryLimit: number | null
  readonly sigma: number
  readonly mapSize: MapSize
  readonly seed: number
}

/**
 * Fills in the defaults and checks the settings.
 * @throws INVALID_ARGUMENT for a setting out of range
 */
export function patchCoreSettings(where: string, options: Partial<PatchCoreOptions>): PatchCoreSettings {
  const { coresetRatio, coresetSize, reweighting, memoryLimit } = options
  const { layers = ['layer2', 'layer3'], features = 'concatenated', mapSize = 'input' } = options
  const { neighbors = 1, projectionDimension = 128, sigma = 4, seed = 0 } = options
  if (coresetRatio !== undefined && coresetSize !== undefined) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'coresetRatio or coresetSize', actual: 'both' })
  }
  const whole = (name: string, value: number, minimum: number): number =>
    checkNumber(where, name, value, { integer: true, minimum })
  return {
    layers,
    features: oneOf(where, 'features', features, ['concatenated', 'reference']),
    neighbors: whole('neighbors', neighbors, 1),
    reweighting: reweighting === undefined ? null : whole('reweighting', reweighting, 2),
    coresetRatio:
      coresetSize === undefined
        ? checkNumber(where, 'coresetRatio', coresetRatio === undefined ? 0.1 : coresetRatio, { above: 0, maximum: 1 })
        : null,
    coresetSize: coresetSize === undefined ? null : whole('coresetSize', coresetSize, 1),
    projectionDimension: whole('projectionDimension', projectionDimension, 1),
    memoryLimit: memoryLimit === undefined ? null : whole('memoryLimit', memoryLimit, 1),
    sigma: checkNumber(where, 'sigma', sigma, { minimum: 0, maximum: 100 }),
    mapSize: oneOf(where, 'mapSize', mapSize, ['input', 'grid']),
    seed: whole('seed', seed, 0),
  }
}
