export { patchCore, type PatchCoreRecipe } from './patchcore/patchcore.ts'
export type { PatchCoreOptions, PatchFeatureKind } from './patchcore/settings.ts'
export { patchFeatures } from './patchcore/patch-features.ts'
export { referencePatchFeatures } from './patchcore/reference-features.ts'
export type { PatchFeatures } from './features/join-layers.ts'
export type { Interpolation } from './features/resample.ts'
export { padim, type PadimOptions } from './padim/padim.ts'
export { anomalyMaps, type MapSize } from './maps/anomaly-map.ts'
export { calibrateThreshold, type CalibrateThresholdOptions } from './thresholds/calibrate-threshold.ts'
export { crossCalibrate, type CrossCalibrated, type CrossCalibrateOptions } from './thresholds/cross-calibrate.ts'
export type { Calibration, ThresholdRates } from './thresholds/calibration.ts'
export { imagesNeeded } from './thresholds/conformal-rank.ts'
export { normalizedScore, pValue, verdict, type Verdict } from './thresholds/verdict.ts'
export { textGuided, type TextGuidedOptions, type TextGuidedRecipe } from './text-guided/text-guided.ts'
export type { StatePrototypes, TextAlignment } from './text-guided/text-alignment.ts'
export { ensemble, type EnsembleOptions } from './ensemble/ensemble.ts'
export type { Fusion } from './ensemble/fuse.ts'
export { saveDetector, type SaveDetectorOptions } from './detector-file/save-detector.ts'
export {
  loadDetector,
  readDetectorHeader,
  type LoadDetectorOptions,
  type LoadedDetector,
} from './detector-file/load-detector.ts'
export type { DetectorParts, DetectorRestorer } from './detector-file/restore-detector.ts'
export type { DetectorHeader, Preparation } from './detector-file/header.ts'
