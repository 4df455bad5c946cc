export { openDataset } from './open-dataset.ts'
export { readImage, readMask } from './read-image.ts'
export { writeImage, writeMask } from './write-image.ts'
export {
  imageBatches,
  readPrepared,
  type ImageBatch,
  type ImageBatchOptions,
  type PreparationOptions,
} from './image-batches.ts'
export { writeSyntheticDataset, type SyntheticDatasetOptions } from './write-synthetic-dataset.ts'
