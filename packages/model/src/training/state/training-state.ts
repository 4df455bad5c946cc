import type { Tensor } from '@tab/core'

/** A validation of weights. */
export interface Judgement {
  /** Optimizer steps taken so far; 0 before the first. */
  readonly step: number
  readonly value: number
}

/** How far a training has come, besides its tensors. */
export interface TrainingProgress {
  /** Optimizer steps taken. */
  readonly step: number
  /** Passes drawn: with the seed, the place of every random stream (images, crops, anomalies, dropout). */
  readonly passes: number
  /** Every validation so far, the one before the first step first; empty where there is none. */
  readonly validations: readonly Judgement[]
  /** The best of them; of equal ones the first. */
  readonly best: Judgement | undefined
  /** Whether patience ran out: such a training takes no more steps. */
  readonly stopped: boolean
}

/**
 * All that a training carries from step to step, as plain data: with the same classes, settings and seed it leads to the same weights.
 * Tensors are by name, under `backbone/` (torchvision's names; filters [height,width,in,out]) and `heads/`.
 */
export interface TrainingState extends TrainingProgress {
  /** What the training changes: weights that learn, and running statistics that move. */
  readonly weights: ReadonlyMap<string, Tensor>
  /** Of the optimizer. */
  readonly moments: ReadonlyMap<string, Tensor>
  /** Moving averages of the weights; empty without them. */
  readonly averages: ReadonlyMap<string, Tensor>
  /** Weights of the best validation, where patience may return them. */
  readonly bestWeights: ReadonlyMap<string, Tensor>
}

/** Progress before the first step. */
export const NO_PROGRESS: TrainingProgress = {
  step: 0,
  passes: 0,
  validations: [],
  best: undefined,
  stopped: false,
}

/** Progress after an optimizer step of `passes` passes. */
export function stepped(progress: TrainingProgress, passes: number): TrainingProgress {
  return { ...progress, step: progress.step + 1, passes: progress.passes + passes }
}

/**
 * Progress after a validation.
 * @param patience validations in a row without a better value that end the training
 */
export function judged(progress: TrainingProgress, value: number, patience: number | undefined): TrainingProgress {
  const judgement = { step: progress.step, value }
  const validations = [...progress.validations, judgement]
  const best = progress.best && progress.best.value >= value ? progress.best : judgement
  const since = validations.length - 1 - validations.findIndex(({ step }) => step === best.step)
  return { ...progress, validations, best, stopped: patience !== undefined && since >= patience }
}
