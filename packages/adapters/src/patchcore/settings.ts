import { checkNumber, TabError, type Backend, type FeatureExtractor } from '@tab/core'
import type { MapSize } from '../maps/anomaly-map.ts'
import { oneOf } from '../one-of.ts'

/**
 * How patches are described and compared. `concatenated` (anomalib 2.x): 3x3 averaged layers, channels joined, Euclidean
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
   * Weighs image scores by equation 7 of the paper with this many bank neighbours (anomalib: 9), 2 or more, at most those of the
   * bank. Default: no weighing, the highest patch score.
   */
  readonly reweighting?: number
  /** Share of the patches kept in the memory bank, above 0 and up to 1. Default 0.1, unless `coresetSize` is given. */
  readonly coresetRatio?: number
  /** Number of patches kept in the memory bank, in place of `coresetRatio`; at most those of the good images. */
  readonly coresetSize?: number
  /** Dimensions in which the coreset is chosen. Default 128. */
  readonly projectionDimension?: number
  /**
   * Most bytes that fitting holds in patch features, the choice of the coreset included, beside the batch at hand. Where the
   * patches exceed it, they are thinned on the way; else the result is that without a limit. Default: no limit.
   */
  readonly memoryLimit?: number
  /** Gaussian over the anomaly map, in input pixels. Default 4. */
  readonly sigma?: number
  /** Resolution of the maps: that of the images, or that of the first layer's grid. Default `input`. */
  readonly mapSize?: MapSize
  /** Seed of the projection and of the coreset's first point. Default 0. */
  readonly seed?: number
}

/** The settings that a fitted detector keeps; null for what is not set. */
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
 * Settings with their defaults, checked.
 * @throws INVALID_ARGUMENT
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
