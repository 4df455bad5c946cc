export { patchCore, type PatchCoreOptions } from './patchcore/patchcore.ts'
export { kCenter, type KCenterOptions } from './patchcore/k-center.ts'
export { patchFeatures, type PatchFeatures } from './patchcore/patch-features.ts'
export { anomalyMaps } from './anomaly-map.ts'
