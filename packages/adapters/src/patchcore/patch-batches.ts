import type { FeatureExtractor, LongTaskOptions, Tensor } from '@tab/core'
import type { PatchFeatures } from '../features/join-layers.ts'
import { layerFeatures } from '../features/layer-features.ts'
import { shrink } from '../features/shrink.ts'
import { cellsWithin, rowsWithin } from '../within/masked-images.ts'
import { cellOrigins } from '../normal-images/image-origins.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import { patchFeatures } from './patch-features.ts'
import { referencePatchFeatures } from './reference-features.ts'
import type { PatchCoreSettings } from './settings.ts'

/** How patches are described. */
type PatchDescription = Pick<PatchCoreSettings, 'layers' | 'features' | 'scales'>

/** Extracts the patch features of images [N,H,W,3] at each scale, on the grid of the first layer at the first scale. */
export async function describePatches(
  where: string,
  extractor: FeatureExtractor,
  { layers, features, scales }: PatchDescription,
  images: Tensor,
): Promise<PatchFeatures> {
  const maps: Tensor[] = []
  for (const scale of scales) {
    const scaled = scale === 1 ? images : shrink(images, scale)
    maps.push(...(await layerFeatures(where, extractor, layers, scaled)))
  }
  return features === 'reference' ? referencePatchFeatures(maps) : patchFeatures(maps)
}

/** Patches of a batch of images, image by image, row by row; without those that lie outside of what is looked at. */
export interface PatchBatch {
  /** [P,D] */
  readonly patches: Tensor
  /** [P,3], the good image and the place in it that each is a patch of; -1 where that is not known. */
  readonly origins: Tensor<'int32'>
  /** [P], where each lies on the grid: row * width + column. */
  readonly places: Int32Array
  /** `[height, width]` of the patches of an image */
  readonly grid: readonly [number, number]
  /** `[height, width]` of the images */
  readonly size: readonly [number, number]
}

/**
 * Yields the patches of each batch of good images.
 * @throws INVALID_ARGUMENT for images of several sizes, NUMERICAL for pixels or features that are not finite, ABORTED
 */
export async function* patchBatches(
  where: string,
  extractor: FeatureExtractor,
  settings: PatchDescription,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress }: LongTaskOptions,
): AsyncGenerator<PatchBatch> {
  let done = 0
  for await (const { images, size } of normalBatches(where, normals, signal)) {
    const { vectors, height, width } = await describePatches(where, extractor, settings, images)
    done += images.shape[0] as number
    onProgress?.({ phase: 'extract', done })
    const cells = cellsWithin(images, [height, width])
    const area = height * width
    const places = Int32Array.from({ length: vectors.shape[0] as number }, (_, row) => row % area)
    yield {
      patches: rowsWithin(vectors, cells),
      origins: rowsWithin(cellOrigins(images, [height, width]), cells),
      places: cells ? places.filter((_, row) => cells[row] === 1) : places,
      grid: [height, width],
      size,
    }
  }
}
