import { assertKnownKeys, TabError, type DetectorState, type FeatureExtractor, type Tensor } from '@tab/core'
import { assertSameMaker } from '../same-maker.ts'
import type { PatchCoreSettings } from './patchcore.ts'

const METHOD = 'patchcore'
const VERSION = 1
const SETTINGS = ['layers', 'coresetRatio', 'projectionDimension', 'sigma', 'seed'] as const

/** All that a fitted PatchCore knows. */
export function patchCoreState(
  extractorId: string,
  settings: PatchCoreSettings,
  bank: Tensor,
  size: readonly [number, number],
): DetectorState {
  return { method: METHOD, version: VERSION, extractorId, options: { ...settings, size }, tensors: { bank } }
}

/**
 * Checks a state and takes it apart.
 * @throws INCOMPATIBLE for another method, version or extractor, INVALID_DATA for a damaged state
 */
export function readPatchCoreState(
  state: DetectorState,
  extractor: FeatureExtractor,
): { bank: Tensor; size: readonly [number, number]; settings: PatchCoreSettings } {
  const where = 'patchCore.restore'
  assertSameMaker(where, state, { method: METHOD, version: VERSION, extractorId: extractor.id })
  assertKnownKeys(where, state.options, [...SETTINGS, 'size'])
  const { layers, coresetRatio, projectionDimension, sigma, seed, size } = state.options
  const { bank } = state.tensors
  const isList = (value: unknown, type: string): boolean =>
    Array.isArray(value) && value.every((item) => typeof item === type)
  const sound =
    isList(layers, 'string') &&
    isList(size, 'number') &&
    (size as readonly number[]).length === 2 &&
    [coresetRatio, projectionDimension, sigma, seed].every((value) => typeof value === 'number') &&
    bank?.dtype === 'float32' &&
    bank.shape.length === 2 &&
    (bank.shape[0] as number) > 0
  if (!sound) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `options ${SETTINGS.join(', ')}, size and a tensor "bank" [B,D]`,
      actual: `options ${Object.keys(state.options).join(', ')} and tensors ${Object.keys(state.tensors).join(', ') || 'none'}`,
    })
  }
  return {
    bank: bank as Tensor,
    size: size as unknown as readonly [number, number],
    settings: { layers, coresetRatio, projectionDimension, sigma, seed } as unknown as PatchCoreSettings,
  }
}
