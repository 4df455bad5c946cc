import { assertKnownKeys, TabError, type DetectorState, type FeatureExtractor, type Tensor } from '@tab/core'
import { assertFiniteTensors } from '../detector-state/finite-tensors.ts'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import type { MemoryBank } from './memory-bank.ts'
import type { PatchCoreModel } from './model.ts'
import { isSize } from '../detector-state/is-size.ts'
import { patchCoreSettings, type PatchCoreOptions } from './settings.ts'

/** Version 3 added `imageScore`, `position` with `places` and `grid`, and `scales`. */
const MAKER = { method: 'patchcore', version: 3 } as const
const ADDED = ['imageScore', 'position', 'scales'] as const
const SETTINGS = [
  ...ADDED,
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
  const { patches, seen, placed, origins } = bank
  const options = { ...settings, size, seen, ...(placed ? { grid: placed.grid } : {}) }
  const tensors = { bank: patches, ...(placed ? { places: placed.places } : {}), ...(origins ? { origins } : {}) }
  return { ...MAKER, extractorId, options, tensors }
}

/**
 * Checks a state and splits it into its parts.
 * @throws INCOMPATIBLE for another method, version or extractor, INVALID_DATA for a damaged state
 */
export function readPatchCoreState(where: string, given: DetectorState, extractor: FeatureExtractor): PatchCoreModel {
  const state = given.version === 2 ? upgraded(given) : given
  assertCompatibleState(where, state, { ...MAKER, extractorId: extractor.id })
  assertKnownKeys(where, state.options, [...SETTINGS, 'size', 'seen', 'grid'])
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
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, state.options[name] ?? undefined]))
  try {
    return {
      settings: patchCoreSettings(where, settings as Partial<PatchCoreOptions>),
      bank: {
        patches: bank as Tensor,
        seen: seen as number,
        placed: placedOf(where, state),
        ...(origins ? { origins: origins as Tensor<'int32'> } : {}),
      },
      size: size as unknown as readonly [number, number],
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('INVALID_DATA', { where, message, cause })
  }
}

/** A state of version 2, which had one way to score an image and to compare patches. */
function upgraded(state: DetectorState): DetectorState {
  assertKnownKeys('patchCore.restore', state.options, [...SETTINGS.filter((name) => !isAdded(name)), 'size', 'seen'])
  return {
    ...state,
    version: MAKER.version,
    options: { imageScore: 'max', position: null, scales: [1], ...state.options },
  }
}

function isAdded(name: string): boolean {
  return (ADDED as readonly string[]).includes(name)
}

/** The places of a bank that has them. */
function placedOf(where: string, { options, tensors }: DetectorState): MemoryBank['placed'] {
  const { position, grid, size } = options
  const { places, bank } = tensors
  if (position === null && grid === undefined && places === undefined) return undefined
  const isOfImage = isSize(grid) && isSize(size) && grid.every((side, axis) => side <= (size[axis] as number))
  const cells = isOfImage ? grid[0] * grid[1] : 0
  const sound =
    position !== null &&
    places?.dtype === 'int32' &&
    places.shape.join() === String(bank?.shape[0]) &&
    (places.data as Int32Array).every(
      (place, row, all) => place >= (row === 0 ? 0 : (all[row - 1] as number)) && place < cells,
    )
  if (sound) return { places: places as Tensor<'int32'>, grid: grid as unknown as readonly [number, number] }
  throw new TabError('INVALID_DATA', {
    where,
    expected: 'for a position, the size of the grid and ascending places of the patches on it, and otherwise neither',
    actual: `position ${JSON.stringify(position)}, grid ${JSON.stringify(grid)}, places ${JSON.stringify(places?.shape)}`,
  })
}
