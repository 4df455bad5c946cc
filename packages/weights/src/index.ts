export { weightsExtractor, type WeightsExtractorOptions } from './weights-extractor.ts'
