import { assertKnownKeys, TabError, type DetectorState, type DType, type JsonValue, type Tensor } from '@tab/core'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { isStateMaker } from '../detector-state/nested-states.ts'
import { assertFiniteTensors } from '../detector-state/finite-tensors.ts'
import type { Projections } from './adapted-extractor.ts'

export const ADAPTED = 'adapted'
const MAKER = { method: ADAPTED, version: 1 } as const
const OPTIONS = ['layers', 'member'] as const
const MEMBER = ['method', 'version', 'extractorId', 'options'] as const
const [MAP, OF_MEMBER] = ['projection/', 'member/']

/** The state of a detector on adapted features: the projections, and the detector's own state, its tensors under `member/`. */
export function adaptedState(extractorId: string, projections: Projections, member: DetectorState): DetectorState {
  const { tensors: own, ...maker } = member
  const tensors = new Map<string, Tensor<DType>>()
  for (const [name, projection] of projections) tensors.set(`${MAP}${name}`, projection)
  for (const [name, value] of Object.entries(own)) tensors.set(`${OF_MEMBER}${name}`, value)
  const options = { layers: [...projections.keys()], member: maker as unknown as JsonValue }
  return { ...MAKER, extractorId, options, tensors: Object.fromEntries(tensors) }
}

/**
 * Checks a state and splits it into its parts.
 * @throws INCOMPATIBLE for another method or version, INVALID_DATA for a damaged state
 */
export function readAdaptedState(
  where: string,
  state: DetectorState,
): { projections: Projections; member: DetectorState } {
  assertCompatibleState(where, state, { ...MAKER, extractorId: state.extractorId })
  assertKnownKeys(where, state.options, OPTIONS)
  assertFiniteTensors(where, state)
  const { layers, member } = state.options
  const projections = new Map<string, Tensor>()
  for (const name of Array.isArray(layers) ? (layers as readonly JsonValue[]) : []) {
    const found = typeof name === 'string' ? state.tensors[`${MAP}${name}`] : undefined
    if (found?.dtype === 'float32' && found.shape.length === 2) projections.set(name as string, found as Tensor)
  }
  const isWhole = Array.isArray(layers) && layers.length > 0 && projections.size === layers.length
  if (!isWhole || !isStateMaker(member)) {
    const expected = `options ${OPTIONS.join(', ')}, and a projection [C,d] of each of the layers`
    const actual = `options ${JSON.stringify(state.options).slice(0, 200)}, tensors ${Object.keys(state.tensors).join(', ')}`
    throw new TabError('INVALID_DATA', { where, expected, actual })
  }
  assertKnownKeys(where, member, MEMBER)
  const own = Object.entries(state.tensors).filter(([name]) => name.startsWith(OF_MEMBER))
  const tensors = Object.fromEntries(own.map(([name, value]) => [name.slice(OF_MEMBER.length), value]))
  return { projections, member: { ...member, tensors } }
}
