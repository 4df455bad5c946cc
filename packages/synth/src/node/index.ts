export { synthesisStream, type StreamedAnomaly, type SynthesisPoolOptions } from './synthesis-pool.ts'
