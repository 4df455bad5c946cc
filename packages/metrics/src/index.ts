export { auroc } from './auroc.ts'
export { aupro, type AuproOptions } from './aupro.ts'
export { connectedComponents, type Components, type Connectivity } from './connected-components.ts'
export type { Labels, Scores } from './inputs.ts'
