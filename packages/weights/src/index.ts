export { type ForeignDescription, type ForeignLayer } from './foreign-model.ts'
export { weightsExtractor, type WeightsExtractorOptions } from './weights-extractor.ts'
