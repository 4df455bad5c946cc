export type { BundledBackbone } from '../bundled/open-bundled.ts'
export type { WeightsData, WeightsRecord } from '../bundled/weights-record.ts'
export { bundledAlignment } from './bundled-alignment.ts'
export { bundledBackbone } from './bundled-backbone.ts'
export { parseHubId } from './hub-id.ts'
export { type Hub, hubOfEnvironment } from './hub-weights.ts'
export { isModelName } from './is-model-name.ts'
export {
  type AskedLayers,
  loadExtractor,
  type LoadedExtractor,
  type LoadExtractorOptions,
  type NamedExtractor,
  randomExtractor,
} from './load-extractor.ts'
export { readWeights, type WeightFile } from './read-weights.ts'
export { type ResolvedWeights, resolveWeights } from './resolve-weights.ts'
