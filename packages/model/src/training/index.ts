export { pretrain, type PretrainOptions, type PretrainResult } from './pretrain.ts'
export { checkSettings, type LossWeights, type PretrainSettings } from './settings.ts'
export { PRETRAIN_PRESETS, type PresetId } from './presets.ts'
export type { OnnxTraining } from './runtime/feature-runtime.ts'
export type { Checkpoints } from './trainer.ts'
export type { StepRecord } from './step/step-record.ts'
export type { LossTerms } from './step/loss-terms.ts'
export type { ImageSource, TrainingClass } from './batches/training-class.ts'
export type { AnomalyStream } from './batches/pair-stream.ts'
export type { ValidationOptions } from './validation/validate.ts'
export type { CheckpointStore } from './state/checkpoint.ts'
export type { Judgement } from './state/training-state.ts'
export {
  trainableBackbone,
  type BatchNormMode,
  type SeenStatistics,
  type TrainableBackbone,
} from './network/trainable-backbone.ts'
export type { BatchStatistics } from './network/batch-norm.ts'
export { jointFeatures } from './network/joint-features.ts'
export { imageHead } from './heads/image-head.ts'
export { patchHead } from './heads/patch-head.ts'
export { classAlignment } from './losses/class-alignment.ts'
export { stateAlignment } from './losses/state-alignment.ts'
export { patchAlignment } from './losses/patch-alignment.ts'
export { preservation } from './losses/preservation.ts'
export { nearestDistances } from './losses/nearest-distances.ts'
export { separation, type ClassRun, type SeparationOptions } from './losses/separation.ts'
export { similarityScale, INITIAL_LOG_SCALE } from './losses/temperature.ts'
