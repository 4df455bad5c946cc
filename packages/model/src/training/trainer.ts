import { createPause, TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { passesFrom, type AnomalyStream, type Pass } from './batches/pair-stream.ts'
import type { ClassSplit, TrainingClass } from './batches/training-class.ts'
import { endStream } from './batches/until-aborted.ts'
import { readCheckpoint, writeCheckpoint, type CheckpointStore } from './state/checkpoint.ts'
import { assignWeights, hostTensors, stateOf, takeUp, type LiveState } from './state/live-state.ts'
import type { TrainingIdentity } from './state/training-identity.ts'
import { judged, type Judgement } from './state/training-state.ts'
import { withAverages } from './step/moving-average.ts'
import type { StepRecord } from './step/step-record.ts'
import { trainStep } from './step/train-step.ts'
import { validate, type ValidationOptions } from './validation/validate.ts'

/** Where and when a training saves its state. */
export interface Checkpoints {
  readonly store: CheckpointStore
  /** Optimizer steps between two saves; the last step is saved too, and the one at which patience ends. */
  readonly every: number
  /** Whether to resume from a saved state: `if-saved` (default), `required` (an error when there is none), or `never`. */
  readonly resume?: 'if-saved' | 'required' | 'never'
}

/** What a trainer works on. */
export interface TrainerOptions extends LongTaskOptions {
  readonly classes: readonly TrainingClass[]
  readonly splits: readonly ClassSplit[]
  readonly anomalies: AnomalyStream
  readonly seed: number
  readonly validation: ValidationOptions | undefined
  readonly checkpoints: (Checkpoints & { readonly identity: TrainingIdentity }) | undefined
  readonly onStep: ((record: StepRecord) => void) | undefined
}

const WHERE = 'pretrain'

/**
 * Takes up a saved state, trains to the last step or until patience ends, and leaves the weights to return in the network: with patience those of the
 * best validation, else those after the last step (their moving averages, where there are some). Validations judge the weights that would be
 * returned at that step.
 * @returns records of the steps of this run, and the validation of the weights left, where there was one
 */
export async function train(
  state: LiveState,
  options: TrainerOptions,
): Promise<{ readonly history: readonly StepRecord[]; readonly returned: Judgement | undefined }> {
  const { classes, splits, anomalies, seed, validation, checkpoints, signal } = options
  const { network } = state
  const { settings } = network
  await resume(state, checkpoints)
  if (state.progress.validations.length === 0) await judge(state, options)
  const history: StepRecord[] = []
  let passes: AsyncGenerator<Pass, void, undefined> | undefined
  try {
    passes = passesFrom(state.progress.passes, classes, splits, anomalies, settings, seed, signal)
    const pause = createPause(WHERE, signal)
    while (state.progress.step < settings.steps && !state.progress.stopped) {
      throwIfAborted(WHERE, signal)
      await pause()
      const record = await trainStep(state, passes, seed, signal)
      const { step } = state.progress
      const last = step === settings.steps
      const value = validation && (step % validation.every === 0 || last) ? await judge(state, options) : undefined
      const complete = value === undefined ? record : { ...record, validation: value }
      history.push(complete)
      options.onStep?.(complete)
      options.onProgress?.({ phase: 'pretrain', done: step, total: settings.steps })
      if (checkpoints && (step % checkpoints.every === 0 || last || state.progress.stopped)) {
        await checkpoints.store.save(writeCheckpoint(await stateOf(state), checkpoints.identity))
      }
    }
  } finally {
    await endStream(passes, signal)
  }
  return { history, returned: chooseWeights(state, validation?.patience !== undefined) }
}

async function resume(state: LiveState, checkpoints: TrainerOptions['checkpoints']): Promise<void> {
  if (!checkpoints || checkpoints.resume === 'never') return
  const saved = await checkpoints.store.load()
  if (saved) takeUp(state, readCheckpoint(saved, checkpoints.identity))
  else if (checkpoints.resume === 'required') {
    throw new TabError('NOT_FOUND', { where: WHERE, expected: 'a checkpoint to resume from', actual: 'none' })
  }
}

/** Validates the weights that would be returned now, and keeps the best where patience may return them. */
async function judge(state: LiveState, options: TrainerOptions): Promise<number | undefined> {
  const { validation } = options
  if (!validation) return undefined
  const { network, averages } = state
  const value = await withAverages(averages, network.changing, async () =>
    validate({ ...options, network }, validation),
  )
  if (value === undefined) return undefined
  state.progress = judged(state.progress, value, validation.patience)
  const { best, step } = state.progress
  if (validation.patience !== undefined && best?.step === step) {
    state.bestWeights = await hostTensors(averages.size > 0 ? averages : network.changing, step)
  }
  return value
}

/** Leaves the weights to return in the network. */
function chooseWeights({ progress, network, averages, bestWeights }: LiveState, best: boolean): Judgement | undefined {
  if (best && progress.best) {
    assignWeights(network, bestWeights)
    return progress.best
  }
  for (const [name, mean] of averages) network.changing.get(name)?.assign(mean)
  return progress.validations.findLast(({ step }) => step === progress.step)
}
