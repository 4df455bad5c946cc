import * as tf from '@tensorflow/tfjs'
import { toHost } from '@tab/backend-tfjs'
import { readSafetensors, TabError, writeSafetensors, type Tensor } from '@tab/core'
import type { PretrainSettings } from './settings.ts'

/** Where a training keeps its state; `save` must replace the state as a whole or not at all. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | undefined>
  save(bytes: Uint8Array): Promise<void>
}

/** What a training is, to tell whether a checkpoint is one of it. */
export interface TrainingIdentity {
  readonly settings: PretrainSettings
  readonly seed: number
  /** Names and sizes of the classes. */
  readonly classes: readonly string[]
  readonly initialWeights: string
}

/** What the validations have brought so far; undefined values where there was none. */
export interface ValidationState {
  /** Measure before the first step. */
  readonly first?: number | undefined
  readonly best?: number | undefined
  /** Validations in a row without a better value. */
  readonly worse: number
}

/** How far a training has come, besides its variables. */
export interface TrainingProgress {
  readonly step: number
  readonly validation: ValidationState
}

const { isFinite } = Number // of millions of values, looked up once
const SCHEMA = 'tab.checkpoint/3' // since 3, seeds of strings have 128 bits: earlier states would go on with other images

/**
 * State of a training behind some optimizer steps, every variable to the bit.
 * @throws NUMERICAL for a variable that is not finite: no state to go on from
 */
export async function writeCheckpoint(
  variables: ReadonlyMap<string, tf.Variable>,
  progress: TrainingProgress,
  identity: TrainingIdentity,
): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>()
  for (const [name, variable] of variables) tensors.set(name, finite(name, await toHost(variable), progress.step))
  return writeSafetensors(tensors, {
    schema: SCHEMA,
    progress: JSON.stringify(progress),
    identity: JSON.stringify(identity),
  })
}

/**
 * Puts a saved state into the variables; `create` makes those that the optimizer has not made yet.
 * @returns how far it had come
 * @throws INVALID_DATA for a damaged file, INCOMPATIBLE for one of another training, saying what differs
 */
export function readCheckpoint(
  bytes: Uint8Array,
  identity: TrainingIdentity,
  variable: (name: string, shape: readonly number[]) => tf.Variable,
): TrainingProgress {
  const { entries, metadata } = readSafetensors(bytes)
  const where = 'pretrain, checkpoint'
  if (metadata['schema'] !== SCHEMA) {
    throw new TabError('INCOMPATIBLE', { where, expected: SCHEMA, actual: String(metadata['schema']) })
  }
  const saved = JSON.parse(metadata['identity'] as string) as Record<string, unknown>
  for (const [name, value] of Object.entries(flat(identity))) {
    const other = flat(saved)[name]
    if (value !== other) {
      throw new TabError('INCOMPATIBLE', {
        where,
        expected: `${name} ${value}, as this training has`,
        actual: `${other} in the checkpoint: start anew, or give the settings that it was begun with`,
      })
    }
  }
  for (const [name, entry] of entries) {
    const { shape, data } = entry.toTensor() as Tensor
    const value = tf.tensor(data, [...shape])
    variable(name, shape).assign(value)
    value.dispose()
  }
  return JSON.parse(metadata['progress'] as string) as TrainingProgress
}

/**
 * A tensor of a training, when all of it is finite.
 * @throws NUMERICAL naming it
 */
export function finite(name: string, values: Tensor, step: number): Tensor {
  const wrong = values.data.find((value) => !isFinite(value))
  if (wrong === undefined) return values
  throw new TabError('NUMERICAL', {
    where: `pretrain, step ${step}`,
    expected: `finite numbers in ${name}`,
    actual: `${wrong}: try a smaller learningRate or clipNorm; the last checkpoint is kept`,
  })
}

/** `{a: {b: 1}}` as `{'a.b': '1'}`. */
function flat(value: object, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.entries(flat(part, `${prefix}${name}.`))
        : [[`${prefix}${name}`, JSON.stringify(part)]],
    ),
  )
}
