export type { Dataset, Sample } from './dataset.ts'
export { goodImagesOf } from './good-images.ts'
export { LAYOUT_NAMES, type LayoutName } from './layout-names.ts'
export type { Problem, ProblemKind } from './problem.ts'
export { centerCrop, resizeImage, resizeMask, type ResizeFilter, type Size } from './resize.ts'
export { placeInOriginal, prepareImage, prepareMask, type Preparation, type PreparedPlace } from './prepare-image.ts'
export { polygonMask, type Polygon } from './polygon-mask.ts'
export { imageAt, stackImages } from './stack-images.ts'
export { toLevels } from './to-levels.ts'
export { toRgba } from './to-rgba.ts'
export { renderHeatmap, type RenderHeatmapOptions } from './heatmap/render-heatmap.ts'
export { overlayHeatmap, type OverlayHeatmapOptions } from './heatmap/overlay-heatmap.ts'
export type { HeatmapScale } from './heatmap/heatmap-scale.ts'
export { grayscale, turbo, type Colormap } from './heatmap/colormap.ts'
export { prefetch, usualConcurrency } from './prefetch.ts'
export { sampleShots, type SampleShotsOptions } from './sample-shots.ts'
export { applySymmetry, SYMMETRIES, type Symmetry } from './symmetry.ts'
export { augmentNormals, type AugmentNormalsOptions } from './augment-normals.ts'
export {
  syntheticParts,
  type SyntheticPart,
  type SyntheticParts,
  type SyntheticPartsOptions,
} from './synthetic-parts/synthetic-parts.ts'
export { PART_KINDS, type PartKind } from './synthetic-parts/part-families.ts'
export { defectsOf } from './synthetic-parts/defects-of.ts'
export { DEFECT_KINDS, type DefectKind } from './synthetic-parts/defects.ts'
