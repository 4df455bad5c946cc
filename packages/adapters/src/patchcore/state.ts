import { assertKnownKeys, TabError, type DetectorState, type FeatureExtractor, type Tensor } from '@tab/core'
import { assertFiniteTensors } from '../detector-state/finite-tensors.ts'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import type { PatchCoreModel } from './model.ts'
import { isSize } from '../detector-state/is-size.ts'
import { patchCoreSettings, type PatchCoreOptions } from './settings.ts'

/** Version 2 added the options for features, neighbours, coreset size, memory and maps, and `seen`. */
const MAKER = { method: 'patchcore', version: 2 } as const
const SETTINGS = [
  'layers',
  'features',
  'neighbors',
  'reweighting',
  'coresetRatio',
  'coresetSize',
  'projectionDimension',
  'memoryLimit',
  'sigma',
  'mapSize',
  'seed',
] as const

/** The state of a fitted PatchCore detector. */
export function patchCoreState(extractorId: string, { settings, bank, size }: PatchCoreModel): DetectorState {
  const options = { ...settings, size, seen: bank.seen }
  const { patches, origins } = bank
  return { ...MAKER, extractorId, options, tensors: { bank: patches, ...(origins ? { origins } : {}) } }
}

/**
 * Checks a state and splits it into its parts.
 * @throws INCOMPATIBLE for another method, version or extractor, INVALID_DATA for a damaged state
 */
export function readPatchCoreState(where: string, state: DetectorState, extractor: FeatureExtractor): PatchCoreModel {
  assertCompatibleState(where, state, { ...MAKER, extractorId: extractor.id })
  assertKnownKeys(where, state.options, [...SETTINGS, 'size', 'seen'])
  assertFiniteTensors(where, state)
  const { layers, size, seen } = state.options
  const { bank, origins } = state.tensors
  const sound =
    SETTINGS.every((name) => state.options[name] !== undefined) &&
    Array.isArray(layers) &&
    layers.every((layer) => typeof layer === 'string') &&
    isSize(size) &&
    Number.isSafeInteger(seen) &&
    (seen as number) > 0 &&
    bank?.dtype === 'float32' &&
    bank.shape.length === 2 &&
    (bank.shape[0] as number) > 0 &&
    (origins === undefined || (origins.dtype === 'int32' && origins.shape.join() === [bank.shape[0], 3].join()))
  if (!sound) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `options ${SETTINGS.join(', ')}, size, seen and a tensor "bank" [B,D]`,
      actual: `options ${Object.keys(state.options).join(', ')} and tensors ${Object.keys(state.tensors).join(', ') || 'none'}`,
    })
  }
  const given = Object.fromEntries(SETTINGS.map((name) => [name, state.options[name] ?? undefined]))
  try {
    return {
      settings: patchCoreSettings(where, given as Partial<PatchCoreOptions>),
      bank: {
        patches: bank as Tensor,
        seen: seen as number,
        ...(origins ? { origins: origins as Tensor<'int32'> } : {}),
      },
      size: size as unknown as readonly [number, number],
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('INVALID_DATA', { where, message, cause })
  }
}
