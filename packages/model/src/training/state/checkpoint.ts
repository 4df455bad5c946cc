import { parseJson, readSafetensors, TabError, writeSafetensors, type Tensor } from '@tab/core'
import { checkIdentity, type TrainingIdentity } from './training-identity.ts'
import type { Judgement, TrainingProgress, TrainingState } from './training-state.ts'

/** Where a training keeps its state; `save` must replace the state as a whole or not at all. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | undefined>
  save(bytes: Uint8Array): Promise<void>
}

const SCHEMA = 'tab.checkpoint/4' // since 4, the identity holds the content of everything that decides the weights
const GROUPS = ['weights', 'moments', 'averages', 'bestWeights'] as const

/** A state as a safetensors file, with what the training is. */
export function writeCheckpoint(state: TrainingState, identity: TrainingIdentity): Uint8Array {
  const { weights, moments, averages, bestWeights, ...progress } = state
  const groups = { weights, moments, averages, bestWeights }
  const tensors = new Map<string, Tensor>()
  for (const group of GROUPS) for (const [name, value] of groups[group]) tensors.set(`${group}/${name}`, value)
  return writeSafetensors(tensors, {
    schema: SCHEMA,
    progress: JSON.stringify(progress),
    identity: JSON.stringify(identity),
  })
}

/**
 * Reads what {@link writeCheckpoint} wrote.
 * @throws INVALID_DATA for a damaged file, INCOMPATIBLE for one of another training, naming what differs
 */
export function readCheckpoint(bytes: Uint8Array, identity: TrainingIdentity): TrainingState {
  const { entries, metadata } = readSafetensors(bytes)
  const where = 'pretrain, checkpoint'
  if (metadata['schema'] !== SCHEMA) {
    throw new TabError('INCOMPATIBLE', { where, expected: SCHEMA, actual: String(metadata['schema']) })
  }
  checkIdentity(parsed('identity', metadata['identity']), identity)
  const groups = Object.fromEntries(GROUPS.map((group) => [group, new Map<string, Tensor>()])) as {
    readonly [G in (typeof GROUPS)[number]]: Map<string, Tensor>
  }
  for (const [name, entry] of entries) {
    const group = GROUPS.find((prefix) => name.startsWith(`${prefix}/`))
    const value = entry.toTensor()
    if (!group || value.dtype !== 'float32') {
      throw new TabError('INVALID_DATA', { where, expected: `float32 under ${GROUPS.join(', ')}`, actual: name })
    }
    groups[group].set(name.slice(group.length + 1), value as Tensor)
  }
  return { ...progressOf(parsed('progress', metadata['progress'])), ...groups }
}

/** @throws INVALID_DATA for progress that no training makes */
function progressOf(found: object): TrainingProgress {
  const { step, passes, validations, best, stopped } = found as Partial<TrainingProgress>
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
  const isJudgement = (value: Partial<Judgement> | null | undefined): boolean =>
    isCount(value?.step) && Number.isFinite(value?.value)
  const sound =
    isCount(step) &&
    isCount(passes) &&
    Array.isArray(validations) &&
    validations.every(isJudgement) &&
    (best === undefined || isJudgement(best)) &&
    typeof stopped === 'boolean'
  if (!sound) {
    const expected = 'progress with step, passes, validations, best and stopped'
    throw new TabError('INVALID_DATA', {
      where: 'pretrain, checkpoint',
      expected,
      actual: JSON.stringify(found).slice(0, 200),
    })
  }
  return { step, passes, validations, best, stopped } as TrainingProgress
}

function parsed(name: string, text: string | undefined): object {
  try {
    const value = parseJson(text ?? '')
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Not JSON is as wrong as JSON of another form.
  }
  throw new TabError('INVALID_DATA', {
    where: 'pretrain, checkpoint',
    expected: `${name} as JSON`,
    actual: text ?? 'none',
  })
}
