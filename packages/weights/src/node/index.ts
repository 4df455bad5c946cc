export { parseHubId } from './hub-id.ts'
export { type Hub, hubOfEnvironment } from './hub-weights.ts'
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
