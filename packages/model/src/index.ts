export {
  ARCHITECTURES,
  BATCH_NORM_EPSILON,
  BATCH_NORM_MOMENTUM,
  STAGES,
  convolutionsOf,
  networkSpec,
  parameterShapes,
  type Architecture,
  type BlockSpec,
  type ConvolutionSpec,
  type NetworkSpec,
  type Stage,
} from './architecture.ts'
export { IMAGENET_NORMALIZATION, type Backbone, type Normalization } from './backbone.ts'
export { createBackbone, type CreateBackboneOptions } from './create-backbone.ts'
export { loadBackbone, type LoadBackboneOptions, type LoadReport } from './load-backbone.ts'
export { averageBackbones, type AveragedPart } from './average-backbones.ts'
export { withoutBatchNorm } from './without-batch-norm.ts'
export { saveBackbone } from './save-backbone.ts'
export { exportOnnx, type ExportOnnxOptions } from './export-onnx.ts'
export { weightsDigest } from './weights-digest.ts'
export { loadAlignment, saveAlignment, type Alignment } from './alignment.ts'
// Plain data, here so that who only reads it loads no engine.
export { PRETRAIN_PRESETS, type PresetId } from './training/presets.ts'
export type { LossWeights, PretrainSettings } from './training/settings.ts'
