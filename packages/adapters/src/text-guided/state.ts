import { assertKnownKeys, TabError, type DetectorState, type FeatureExtractor, type Tensor } from '@tab/core'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { isSigma } from '../detector-state/is-sigma.ts'
import { isSize } from '../detector-state/is-size.ts'
import type { MapSize } from '../maps/anomaly-map.ts'
import { checkedHeads, type ProjectionHeads } from './text-alignment.ts'

/** The settings, heads and prototypes of a text-guided detector. */
export interface TextGuidedModel extends ProjectionHeads {
  readonly className: string | null
  readonly patchWeight: number
  readonly sigma: number
  readonly mapSize: MapSize
  /** `[height, width]` of the images; null for any size. */
  readonly size: readonly [number, number] | null
}

/** Version 2 added `mapSize`. */
const MAKER = { method: 'text-guided', version: 2 } as const
const OPTIONS = [
  'className',
  'imageLayer',
  'patchLayers',
  'sharedHead',
  'patchWeight',
  'sigma',
  'mapSize',
  'size',
] as const

export function textGuidedState(extractorId: string, model: TextGuidedModel): DetectorState {
  const { heads, prototypes, className, imageLayer, patchLayers, sharedHead, patchWeight, sigma, mapSize, size } = model
  return {
    ...MAKER,
    extractorId,
    options: { className, imageLayer, patchLayers, sharedHead, patchWeight, sigma, mapSize, size },
    tensors: {
      ...Object.fromEntries([...heads].map(([name, head]) => [`heads/${name}`, head])),
      'prototypes/normal': prototypes.normal,
      'prototypes/abnormal': prototypes.abnormal,
    },
  }
}

/**
 * Checks a state and splits it into its parts.
 * @throws INCOMPATIBLE for another method, version or extractor, INVALID_DATA for a damaged state
 */
export function readTextGuidedState(state: DetectorState, extractor: FeatureExtractor): TextGuidedModel {
  const where = 'textGuided.restore'
  assertCompatibleState(where, state, { ...MAKER, extractorId: extractor.id })
  assertKnownKeys(where, state.options, OPTIONS)
  const { className, imageLayer, patchLayers, sharedHead, patchWeight, sigma, mapSize, size } = state.options
  const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1
  const { 'prototypes/normal': normal, 'prototypes/abnormal': abnormal } = state.tensors
  const sound =
    (className === null || typeof className === 'string') &&
    typeof imageLayer === 'string' &&
    Array.isArray(patchLayers) &&
    patchLayers.length > 0 &&
    patchLayers.every((layer) => typeof layer === 'string') &&
    typeof sharedHead === 'boolean' &&
    isShare(patchWeight) &&
    isSigma(sigma) &&
    (mapSize === 'input' || mapSize === 'grid') &&
    (size === null || isSize(size)) &&
    normal &&
    abnormal
  if (!sound) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `options ${OPTIONS.join(', ')} and tensors heads/..., prototypes/normal, prototypes/abnormal`,
      actual: `options ${Object.keys(state.options).join(', ')} and tensors ${Object.keys(state.tensors).join(', ') || 'none'}`,
    })
  }
  const named = Object.entries(state.tensors).filter(([name]) => name.startsWith('heads/'))
  const model = {
    ...(state.options as unknown as Omit<TextGuidedModel, 'heads' | 'prototypes'>),
    heads: new Map(named.map(([name, head]) => [name.slice('heads/'.length), head as Tensor])),
    prototypes: { normal: normal as Tensor, abnormal: abnormal as Tensor },
  }
  return { ...model, heads: checkedHeads(where, 'INVALID_DATA', model, extractor) }
}
