import { assertKnownKeys, TabError, type DetectorState, type JsonValue } from '@tab/core'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { isStateMaker, nestStates, unnestStates } from '../detector-state/nested-states.ts'
import { FUSIONS, type Fusion } from './fuse.ts'
import type { MemberScale } from './member-scale.ts'

export const ENSEMBLE = 'ensemble'
const VERSION = 1
const OPTIONS = ['fusion', 'folds', 'seed', 'members'] as const
const MEMBER = ['method', 'version', 'extractorId', 'options', 'scale'] as const

/** How an ensemble is calibrated and fused. */
export interface EnsembleSettings {
  readonly fusion: Fusion
  readonly folds: number
  readonly seed: number
}

/** All that an ensemble knows. */
export interface EnsembleModel extends EnsembleSettings {
  readonly scales: readonly MemberScale[]
}

/** The extractor ids of all members, each once. */
function joinedExtractorIds(ids: readonly string[]): string {
  return [...new Set(ids.flatMap((id) => id.split(' + ')))].join(' + ')
}

/** The states of all members in one: the tensors of member 1 are named `1/...`, everything else is in the options. */
export function ensembleState(
  members: readonly DetectorState[],
  { scales, ...settings }: EnsembleModel,
): DetectorState {
  const { described, tensors } = nestStates(members)
  const scaled = described.map((maker, index) => ({ ...maker, scale: scales[index] as unknown as JsonValue }))
  return {
    method: ENSEMBLE,
    version: VERSION,
    extractorId: joinedExtractorIds(members.map(({ extractorId }) => extractorId)),
    options: { ...settings, members: scaled },
    tensors,
  }
}

/**
 * Checks the state of an ensemble and splits it into its parts.
 * @throws INCOMPATIBLE for another method or version, INVALID_DATA for a damaged state
 */
export function readEnsembleState(
  where: string,
  state: DetectorState,
): { members: DetectorState[]; model: EnsembleModel } {
  assertCompatibleState(where, state, { method: ENSEMBLE, version: VERSION, extractorId: state.extractorId })
  assertKnownKeys(where, state.options, OPTIONS)
  const { fusion, folds, seed, members } = state.options
  const sound =
    FUSIONS.includes(fusion as Fusion) &&
    Number.isSafeInteger(folds) &&
    Number.isSafeInteger(seed) &&
    Array.isArray(members) &&
    members.length > 0 &&
    members.every(isMember)
  if (!sound) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `options ${OPTIONS.join(', ')}, each member with ${MEMBER.join(', ')}`,
      actual: JSON.stringify(state.options).slice(0, 200),
    })
  }
  const described = members as unknown as readonly (DetectorState & { readonly scale: MemberScale })[]
  const extractorId = joinedExtractorIds(described.map((member) => member.extractorId))
  assertCompatibleState(where, state, { method: ENSEMBLE, version: VERSION, extractorId })
  const makers = described.map(({ scale, ...maker }) => {
    assertKnownKeys(where, { ...maker, scale }, MEMBER)
    return maker
  })
  return {
    members: unnestStates(makers, state.tensors),
    model: {
      fusion: fusion as Fusion,
      folds: folds as number,
      seed: seed as number,
      scales: described.map(({ scale }) => scale),
    },
  }
}

function isMember(value: unknown): boolean {
  if (!isStateMaker(value)) return false
  const { score, map } = ((value as { readonly scale?: unknown }).scale ?? {}) as Record<string, unknown>
  const isScale = (part: unknown): boolean => {
    const { zero, unit } = (part ?? {}) as Record<string, unknown>
    return Number.isFinite(zero) && Number.isFinite(unit) && (unit as number) > 0
  }
  return isScale(score) && isScale(map)
}
