import { checkNumber, TabError, type Backend, type FeatureExtractor } from '@tab/core'
import type { MapSize } from '../maps/anomaly-map.ts'
import { oneOf } from '../one-of.ts'
import { checkImageScore, type ImageScore } from '../prediction/image-score.ts'
import { checkScales } from '../features/scales.ts'

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
  /**
   * How an image's score follows from its patches': the highest (`max`), or the mean of the highest share of them, such as
   * `{ topShare: 0.01 }` (AnomalyDINO). Default `max`.
   */
  readonly imageScore?: ImageScore
  /**
   * For parts that always lie in the same position: a patch is compared only with those of the bank near its place, at most this share of
   * the image's height and width away, from 0 (the same place) to 1. The coreset is then selected at each place by itself. Not with
   * `reweighting`, `coresetSize` or `memoryLimit`. Default: with all.
   */
  readonly position?: number
  /**
   * Scales at which features are extracted and concatenated, from 1 down, such as `[1, 0.5]`: a patch is then described by the image at
   * both sizes. Default `[1]`.
   */
  readonly scales?: readonly number[]
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
  readonly imageScore: ImageScore
  readonly position: number | null
  readonly scales: readonly number[]
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
  const { coresetRatio, coresetSize, reweighting, memoryLimit, position } = options
  const { layers = ['layer2', 'layer3'], features = 'concatenated', mapSize = 'input' } = options
  const { imageScore = 'max', scales = [1] } = options
  const { neighbors = 1, projectionDimension = 128, sigma = 4, seed = 0 } = options
  if (coresetRatio !== undefined && coresetSize !== undefined) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'coresetRatio or coresetSize', actual: 'both' })
  }
  const scoring = checkImageScore(where, imageScore)
  if (reweighting !== undefined && scoring !== 'max') {
    const expected = "imageScore 'max' with reweighting, which weighs the highest patch"
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: JSON.stringify(scoring) })
  }
  const unplaced = Object.entries({ reweighting, coresetSize, memoryLimit }).filter(([, value]) => value !== undefined)
  if (position !== undefined && unplaced.length > 0) {
    const actual = unplaced.map(([name]) => name).join(', ')
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'position with coresetRatio alone', actual })
  }
  const whole = (name: string, value: number, minimum: number): number =>
    checkNumber(where, name, value, { integer: true, minimum })
  return {
    layers,
    features: oneOf(where, 'features', features, ['concatenated', 'reference']),
    neighbors: whole('neighbors', neighbors, 1),
    reweighting: reweighting === undefined ? null : whole('reweighting', reweighting, 2),
    imageScore: scoring,
    position: position === undefined ? null : checkNumber(where, 'position', position, { minimum: 0, maximum: 1 }),
    scales: checkScales(where, scales),
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
