import type { FeatureExtractor, LongTaskOptions, Tensor } from '@tab/core'
import type { PatchFeatures } from '../features/join-layers.ts'
import { layerFeatures } from '../features/layer-features.ts'
import { cellsWithin, rowsWithin } from '../within/masked-images.ts'
import { cellOrigins } from '../normal-images/image-origins.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import { patchFeatures } from './patch-features.ts'
import { referencePatchFeatures } from './reference-features.ts'
import type { PatchCoreSettings } from './settings.ts'

/** Extracts the patch features of images [N,H,W,3]. */
export async function describePatches(
  where: string,
  extractor: FeatureExtractor,
  { layers, features }: Pick<PatchCoreSettings, 'layers' | 'features'>,
  images: Tensor,
): Promise<PatchFeatures> {
  const maps = await layerFeatures(where, extractor, layers, images)
  return features === 'reference' ? referencePatchFeatures(maps) : patchFeatures(maps)
}

/**
 * Yields the patches of each batch of good images, and the size of the images.
 * @throws INVALID_ARGUMENT for images of several sizes, NUMERICAL for pixels or features that are not finite, ABORTED
 */
export async function* patchBatches(
  where: string,
  extractor: FeatureExtractor,
  settings: PatchCoreSettings,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress }: LongTaskOptions,
): AsyncGenerator<{ patches: Tensor; origins: Tensor<'int32'>; size: readonly [number, number] }> {
  let done = 0
  for await (const { images, size } of normalBatches(where, normals, signal)) {
    const { vectors, height, width } = await describePatches(where, extractor, settings, images)
    done += images.shape[0] as number
    onProgress?.({ phase: 'extract', done })
    const cells = cellsWithin(images, [height, width])
    const origins = rowsWithin(cellOrigins(images, [height, width]), cells)
    yield { patches: rowsWithin(vectors, cells), origins, size }
  }
}
