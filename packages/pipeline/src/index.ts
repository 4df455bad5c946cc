export type { Inspection, Judged, NotJudged } from './inspect/inspection.ts'
export type { InspectAllOptions, Inspector } from './inspect/inspector.ts'
export type { EngineOptions } from './inspect/open-engine.ts'
export { openInspector, type OpenInspectorOptions } from './inspect/open-inspector.ts'
export type { DecodedImage } from './inspect/pixels-of.ts'
export type { Box, Region } from './inspect/regions.ts'
export { fitInspector, type FitInspectorOptions, type FitSettings, type FittedInspector } from './fit/fit-inspector.ts'
export type { FitMethod } from './fit/fit-method.ts'
export type { ThresholdPlan } from './fit/plan-threshold.ts'
export {
  DETECTOR_FIELDS,
  DETECTOR_METHODS,
  layersOf,
  optionsOf,
  recipeOf,
  type DetectorMethod,
  type DetectorSpec,
  type LearningSpec,
} from './spec/detector-spec.ts'
