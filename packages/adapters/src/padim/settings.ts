import { checkNumber, type Backend, type FeatureExtractor } from '@tab/core'
import type { Interpolation } from '../features/resample.ts'
import type { MapSize } from '../maps/anomaly-map.ts'
import { oneOf } from '../one-of.ts'

export interface PadimOptions {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  /** Feature layers, the finest grid first. Default `['layer1', 'layer2', 'layer3']`. */
  readonly layers?: readonly string[]
  /**
   * Number of channels, drawn at random; more than the layers have are refused. The paper takes 100 for ResNet-18 and 550 for
   * WideResNet-50. Default 100, or all channels if there are fewer.
   */
  readonly dimensions?: number
  /** How deeper layers are resized to the grid of the first; anomalib uses `nearest`. Default `bilinear`. */
  readonly interpolation?: Interpolation
  /** Added to the diagonal of every covariance. Default 0.01. */
  readonly regularisation?: number
  /** Standard deviation, in input pixels, of the Gaussian that smooths the anomaly map. Default 4. */
  readonly sigma?: number
  /** Resolution of the maps: the images' (`input`) or that of the first layer's grid (`grid`). Scores do not depend on it. Default `input`. */
  readonly mapSize?: MapSize
  /** Seed for drawing the channels. Default 0. */
  readonly seed?: number
}

/** The settings that a fitted detector keeps. */
export interface PadimSettings {
  readonly layers: readonly string[]
  readonly interpolation: Interpolation
  readonly sigma: number
  readonly mapSize: MapSize
  readonly regularisation: number
  readonly seed: number
}

/**
 * Fills in the defaults and checks the settings.
 * @throws INVALID_ARGUMENT for a setting out of range
 */
export function padimSettings(where: string, options: PadimOptions): PadimSettings {
  const { layers = ['layer1', 'layer2', 'layer3'], interpolation = 'bilinear', mapSize = 'input' } = options
  const { sigma = 4, regularisation = 0.01, seed = 0 } = options
  return {
    layers,
    interpolation: oneOf(where, 'interpolation', interpolation, ['bilinear', 'nearest']),
    sigma: checkNumber(where, 'sigma', sigma, { minimum: 0, maximum: 100 }),
    mapSize: oneOf(where, 'mapSize', mapSize, ['input', 'grid']),
    regularisation: checkNumber(where, 'regularisation', regularisation, { above: 0 }),
    seed: checkNumber(where, 'seed', seed, { integer: true, minimum: 0 }),
  }
}
