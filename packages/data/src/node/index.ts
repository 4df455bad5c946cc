export { listCategories, openDataset, type OpenDatasetOptions } from './open-dataset.ts'
export { checkDataset, type CheckDatasetOptions, type DatasetReport, type SampleCount } from './check-dataset.ts'
export type { DatasetChoice } from './layouts/find-layout.ts'
export { countProblems, describeProblems, PROBLEM_KINDS, type Problem, type ProblemKind } from '../problem.ts'
export type { LayoutName } from './layouts/layout.ts'
export { LAYOUT_NAMES } from './layouts/layouts.ts'
export { isHidden, isImageName, OUTPUT_MARK } from './image-names.ts'
export { listImages, outputAbove, pictureAt, type LeftOut, type ListedImages } from './list-images.ts'
export { readImage } from './read-image.ts'
export { readMask } from './read-mask.ts'
export { checkMask, type MaskFault } from './check-mask.ts'
export { writeImage, writeMask } from './write-image.ts'
export {
  imageBatches,
  readPrepared,
  type ImageBatch,
  type ImageBatchOptions,
  type PreparationOptions,
} from './image-batches.ts'
export { writeSyntheticDataset, type SyntheticDatasetOptions } from './write-synthetic-dataset.ts'
