export { KIND_NAMES } from './spec/anomaly-kinds.ts'
export { BACKBONE_SPEC, type BackboneSpec } from './spec/backbone-spec.ts'
export { DEFAULT_BACKBONE } from './spec/default-backbone.ts'
export { BENCHMARK_CONFIG, BENCHMARK_SPEC, type BenchmarkConfig, type BenchmarkSpec } from './spec/benchmark-spec.ts'
export {
  CHOOSABLE_METHODS,
  CHOOSE_SPEC,
  type ChoosableMethod,
  type ChooseSpec,
  type ChooseSpecWrittenOut,
} from './spec/choose-spec.ts'
export type { Inspection, InspectedImage, Judged, NotJudged } from './inspect/inspection.ts'
export type { InspectAllOptions, Inspector } from './inspect/inspector.ts'
export type { EngineOptions } from './inspect/open-engine.ts'
export { openInspector, type OpenInspectorOptions } from './inspect/open-inspector.ts'
export type { Parity } from './parity/compare-parity.ts'
export type { DecodedImage } from './inspect/pixels-of.ts'
export type { Area, WhereToLook } from './inspect/region-mask.ts'
export type { Box, MapRegion, NearestPatch, Region } from './inspect/regions.ts'
export {
  fitInspector,
  type FitPreparation,
  type FitInspectorOptions,
  type FitMethod,
  type FitSettings,
  type FittedInspector,
} from './fit/fit-inspector.ts'
export type { FittedDetector } from './fit/fit-detector.ts'
export type { ThresholdPlan } from './fit/plan-threshold.ts'
export {
  DETECTOR_FIELDS,
  DETECTOR_METHODS,
  DETECTOR_SPEC,
  type ChoiceField,
  type DetectorFields,
  type DetectorSettings,
  type LayersField,
  type ImageScoreField,
  type NumbersField,
  type OptionalField,
  type DetectorMethod,
  type DetectorSpec,
  type LearningSpec,
} from './spec/detector-spec.ts'
export {
  EVALUATE_SPEC,
  PIXEL_METRICS,
  type ComparisonSpec,
  type EvaluateSpec,
  type PixelMetricsMode,
} from './spec/evaluate-spec.ts'
export { EXPORT_SPEC, type ExportSpec } from './spec/export-spec.ts'
export { FIT_SPEC, type FitSpec } from './spec/fit-spec.ts'
export { FOREIGN_SPEC, type ForeignSpec } from './spec/foreign-spec.ts'
export { parseSpec } from './spec/parse-spec.ts'
export {
  ENGINE_NAMES,
  PRETRAIN_SPEC,
  type PretrainSpec,
  type SettingChanges,
  type TrainingEngine,
} from './spec/pretrain-spec.ts'
export type { PicturesSpec } from './spec/pictures-spec.ts'
export type { Size, WrittenOut } from './spec/size.ts'
export { TILES_SPEC, type TilesSpec } from './spec/tiles-spec.ts'
export { PREDICT_SPEC, type PredictSpec } from './spec/predict-spec.ts'
export { PROTOTYPES_SPEC, type PrototypesSpec } from './spec/prototypes-spec.ts'
export { SYNTHESIZE_SPEC, type SynthesizeSpec } from './spec/synthesize-spec.ts'
