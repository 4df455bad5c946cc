export type { BundledBackbone } from './bundled/open-bundled.ts'
export type { WeightsData, WeightsRecord } from './bundled/weights-record.ts'
export { bundledBackbone, type BundledBackboneOptions } from './bundled-backbone.ts'
