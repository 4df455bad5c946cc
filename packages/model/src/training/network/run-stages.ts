import type * as tf from '@tensorflow/tfjs'
import { STAGES, type Stage } from '../../architecture.ts'
import type { BatchNormMode, SeenStatistics, TrainableBackbone } from './trainable-backbone.ts'

/** What some stages give. */
export interface StageFeatures {
  /** Output of the last stage; the input where there was none. */
  readonly value: tf.Tensor4D
  readonly features: ReadonlyMap<Stage, tf.Tensor4D>
}

/**
 * Runs the stages number `from` to `to - 1`.
 * @param input what the stage before gives, or the stem
 */
export function runStages(
  network: TrainableBackbone,
  input: tf.Tensor4D,
  [from, to]: readonly [from: number, to: number],
  mode: BatchNormMode,
  seen: SeenStatistics,
): StageFeatures {
  const features = new Map<Stage, tf.Tensor4D>()
  let value = input
  for (const stage of STAGES.slice(from, to)) {
    value = network.stage(stage, value, mode, seen)
    features.set(stage, value)
  }
  return { value, features }
}
