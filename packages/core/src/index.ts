export { TabError, isTabError, type TabErrorCode, type TabErrorFields } from './errors.ts'
export { tensor, tensorOf, sizeOf, formatShape, type DataTypeMap, type DType, type Tensor } from './tensor.ts'
export { assertImage, assertImages, assertPixels } from './assert-images.ts'
export { assertTensor, assertKnownKeys, checkNumber, type NumberBounds, type ShapePattern } from './check.ts'
export {
  createRng,
  deriveRng,
  randomInteger,
  randomUniform,
  randomNormal,
  randomGamma,
  shuffle,
  sampleIndices,
  type Rng,
} from './rng.ts'
export * as portableMath from './portable-math.ts'
export { createPause, throwIfAborted, type LongTaskOptions, type Progress } from './long-task.ts'
export type { Backend, GaussianScorer, LowRankCovariance, MatmulOptions, Neighbors, SearchIndex } from './backend.ts'
export type { FeatureExtractor, FeatureLayer } from './feature-extractor.ts'
export type { AnomalySynthesizer, SyntheticAnomaly } from './anomaly-synthesizer.ts'
export type { TextEmbedder } from './text-embedder.ts'
export type { Detector, DetectorRecipe, DetectorState, JsonValue, Prediction } from './detector.ts'
export { referenceBackend } from './reference-backend/index.ts'
export { checkCovariance } from './low-rank-covariance.ts'
export { cholesky, notPositiveDefinite } from './reference-backend/cholesky.ts'
export {
  readSafetensors,
  writeSafetensors,
  type NamedTensors,
  type SafetensorsEntry,
  type SafetensorsFile,
  type WriteSafetensorsOptions,
} from './safetensors.ts'
export { sha256 } from './digest.ts'
export { firstNonFinite } from './first-non-finite.ts'
export { parseHubId, type HubId } from './hub-id.ts'
export { createLifetime, type Lifetime } from './lifetime.ts'
export { recogniseFile } from './recognise-file.ts'
export { isOffline } from './offline.ts'
export { readNaming } from './read-naming.ts'
export { parseJson } from './parse-json.ts'
export { turnOffTelemetry } from './telemetry.ts'
