import { assertKnownKeys, TabError, type DetectorState, type FeatureExtractor, type Tensor } from '@tab/core'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { assertFiniteTensors } from '../detector-state/finite-tensors.ts'
import { isSize } from '../detector-state/is-size.ts'
import { subspaceSettings, type SubspaceOptions, type SubspaceSettings } from './settings.ts'

/** What fitting produces. */
export interface SubspaceModel {
  readonly settings: SubspaceSettings
  /** [D], of the patches of good parts */
  readonly mean: Tensor
  /** [D,R], orthonormal columns: the space that the principal components leave */
  readonly residual: Tensor
  /** `[height, width]` of the images */
  readonly size: readonly [number, number]
}

const MAKER = { method: 'subspace', version: 1 } as const
const SETTINGS = ['layers', 'explainedVariance', 'components', 'imageScore', 'scales', 'sigma', 'mapSize'] as const

/** The state of a fitted subspace detector. */
export function subspaceState(extractorId: string, { settings, mean, residual, size }: SubspaceModel): DetectorState {
  return { ...MAKER, extractorId, options: { ...settings, size }, tensors: { mean, residual } }
}

/**
 * Checks a state and splits it into its parts.
 * @throws INCOMPATIBLE for another method, version or extractor, INVALID_DATA for a damaged state
 */
export function readSubspaceState(state: DetectorState, extractor: FeatureExtractor): SubspaceModel {
  const where = 'subspace.restore'
  assertCompatibleState(where, state, { ...MAKER, extractorId: extractor.id })
  assertKnownKeys(where, state.options, [...SETTINGS, 'size'])
  assertFiniteTensors(where, state)
  const { layers, size } = state.options
  const { mean, residual } = state.tensors
  const sound =
    SETTINGS.every((name) => state.options[name] !== undefined) &&
    Array.isArray(layers) &&
    layers.every((layer) => typeof layer === 'string') &&
    isSize(size) &&
    mean?.dtype === 'float32' &&
    mean.shape.length === 1 &&
    residual?.dtype === 'float32' &&
    residual.shape.length === 2 &&
    residual.shape[0] === mean.shape[0] &&
    (residual.shape[1] as number) > 0
  if (!sound) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `options ${SETTINGS.join(', ')}, size and tensors "mean" [D] and "residual" [D,R]`,
      actual: `options ${Object.keys(state.options).join(', ')} and tensors ${Object.keys(state.tensors).join(', ') || 'none'}`,
    })
  }
  const given = Object.fromEntries(SETTINGS.map((name) => [name, state.options[name] ?? undefined]))
  try {
    return {
      settings: subspaceSettings(where, given as Partial<SubspaceOptions>),
      mean: mean as Tensor,
      residual: residual as Tensor,
      size: size as unknown as readonly [number, number],
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('INVALID_DATA', { where, message, cause })
  }
}
