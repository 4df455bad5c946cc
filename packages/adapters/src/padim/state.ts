import {
  assertKnownKeys,
  TabError,
  type DetectorState,
  type FeatureExtractor,
  type LowRankCovariance,
  type Tensor,
} from '@tab/core'
import { assertFiniteTensors } from '../detector-state/finite-tensors.ts'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { isSigma } from '../detector-state/is-sigma.ts'
import { isSize } from '../detector-state/is-size.ts'
import type { PadimSettings } from './settings.ts'

/** What fitting PaDiM produces. */
export interface PadimModel {
  /** [P,D] */
  readonly mean: Tensor
  /** [P,D,D], regularised, or factors [P,n,D] of n images */
  readonly covariance: Tensor | LowRankCovariance
  /** [D], ascending indices into the concatenated channels */
  readonly channels: Tensor<'int32'>
  /** `[height, width]` of the images */
  readonly size: readonly [number, number]
}

/** Version 3 added `mapSize`. */
const MAKER = { method: 'padim', version: 3 } as const
const OPTIONS = ['layers', 'interpolation', 'sigma', 'mapSize', 'regularisation', 'seed', 'size'] as const

/** The state of a fitted PaDiM detector. */
export function padimState(extractorId: string, settings: PadimSettings, model: PadimModel): DetectorState {
  const { mean, covariance, channels, size } = model
  const spread = 'factors' in covariance ? { factors: covariance.factors } : { covariance }
  return { ...MAKER, extractorId, options: { ...settings, size }, tensors: { mean, ...spread, channels } }
}

/**
 * Checks a state and splits it into its parts.
 * @throws INCOMPATIBLE for another method, version or extractor, INVALID_DATA for a damaged state
 */
export function readPadimState(
  state: DetectorState,
  extractor: FeatureExtractor,
): { settings: PadimSettings; model: PadimModel } {
  const where = 'padim.restore'
  assertCompatibleState(where, state, { ...MAKER, extractorId: extractor.id })
  assertKnownKeys(where, state.options, OPTIONS)
  assertFiniteTensors(where, state)
  const { layers, interpolation, sigma, mapSize, regularisation, seed, size } = state.options
  const { mean, covariance, factors, channels } = state.tensors
  const [positions, dimension] = mean?.shape ?? []
  const sound =
    Array.isArray(layers) &&
    layers.every((layer) => typeof layer === 'string') &&
    isSize(size) &&
    (interpolation === 'bilinear' || interpolation === 'nearest') &&
    (mapSize === 'input' || mapSize === 'grid') &&
    isSigma(sigma) &&
    [regularisation, seed].every((value) => Number.isFinite(value)) &&
    (regularisation as number) > 0 &&
    mean?.dtype === 'float32' &&
    mean.shape.length === 2 &&
    (factors === undefined
      ? covariance?.dtype === 'float32' && covariance.shape.join() === [positions, dimension, dimension].join()
      : covariance === undefined &&
        factors.dtype === 'float32' &&
        (factors.shape[1] as number) >= 1 &&
        factors.shape.join() === [positions, factors.shape[1], dimension].join()) &&
    channels?.dtype === 'int32' &&
    channels.shape.join() === String(dimension) &&
    areChannelsOf(channels as Tensor<'int32'>, extractor, layers)
  if (!sound) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `options ${OPTIONS.join(', ')} and tensors mean [P,D], covariance [P,D,D] or factors [P,n,D], channels [D]`,
      actual: `options ${Object.keys(state.options).join(', ')} and tensors ${Object.keys(state.tensors).join(', ') || 'none'}`,
    })
  }
  const spread = factors ? { diagonal: regularisation, factors } : covariance
  return {
    settings: { layers, interpolation, sigma, mapSize, regularisation, seed } as unknown as PadimSettings,
    model: { mean, covariance: spread, channels, size } as unknown as PadimModel,
  }
}

/** Whether channels are ascending indices into the concatenated channels of the layers. */
function areChannelsOf({ data }: Tensor<'int32'>, extractor: FeatureExtractor, layers: readonly string[]): boolean {
  const counts = layers.map((name) => extractor.layers.find((layer) => layer.name === name)?.channels ?? 0)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return data.every((channel, i) => channel < total && channel > (i === 0 ? -1 : (data[i - 1] as number)))
}
