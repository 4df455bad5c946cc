import { checkNumber, TabError, type Backend, type FeatureExtractor } from '@tab/core'
import { checkScales } from '../features/scales.ts'
import type { MapSize } from '../maps/anomaly-map.ts'
import { oneOf } from '../one-of.ts'
import { checkImageScore, type ImageScore } from '../prediction/image-score.ts'

export interface SubspaceOptions {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  /** Feature layers, the finest grid first. Default `['layer2', 'layer3']`. */
  readonly layers?: readonly string[]
  /** The fewest principal components that explain this share of the variance of good patches: above 0, below 1. Default 0.99. */
  readonly explainedVariance?: number
  /** Number of principal components, instead of `explainedVariance`; fewer than a patch has values. */
  readonly components?: number
  /** How an image's score follows from its patches'. Default `{ topShare: 0.01 }`, the mean of the highest 1 %. */
  readonly imageScore?: ImageScore
  /** Scales at which features are extracted and concatenated, from 1 down, such as `[1, 0.5]`. Default `[1]`. */
  readonly scales?: readonly number[]
  /** Standard deviation, in input pixels, of the Gaussian that smooths the anomaly map. Default 4. */
  readonly sigma?: number
  /** Resolution of the maps: the images' (`input`) or that of the first layer's grid (`grid`). Default `input`. */
  readonly mapSize?: MapSize
}

/** The settings that a fitted detector keeps; null where not set. */
export interface SubspaceSettings {
  readonly layers: readonly string[]
  readonly explainedVariance: number | null
  readonly components: number | null
  readonly imageScore: ImageScore
  readonly scales: readonly number[]
  readonly sigma: number
  readonly mapSize: MapSize
}

/**
 * Fills in the defaults and checks the settings.
 * @throws INVALID_ARGUMENT for a setting out of range
 */
export function subspaceSettings(where: string, options: Partial<SubspaceOptions>): SubspaceSettings {
  const { layers = ['layer2', 'layer3'], imageScore = { topShare: 0.01 }, scales = [1] } = options
  const { explainedVariance, components, sigma = 4, mapSize = 'input' } = options
  if (explainedVariance !== undefined && components !== undefined) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'explainedVariance or components', actual: 'both' })
  }
  return {
    layers,
    explainedVariance:
      components === undefined
        ? checkNumber(where, 'explainedVariance', explainedVariance === undefined ? 0.99 : explainedVariance, {
            above: 0,
            below: 1,
          })
        : null,
    components:
      components === undefined ? null : checkNumber(where, 'components', components, { integer: true, minimum: 0 }),
    imageScore: checkImageScore(where, imageScore),
    scales: checkScales(where, scales),
    sigma: checkNumber(where, 'sigma', sigma, { minimum: 0, maximum: 100 }),
    mapSize: oneOf(where, 'mapSize', mapSize, ['input', 'grid']),
  }
}
