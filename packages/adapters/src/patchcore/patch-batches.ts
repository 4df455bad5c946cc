import type { FeatureExtractor, LongTaskOptions, Tensor } from '@tab/core'
import type { PatchFeatures } from '../features/join-layers.ts'
import { layerFeatures } from '../features/layer-features.ts'
import { shrink } from '../features/shrink.ts'
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

/** Patches of a batch of images. */
interface PatchBatch {
  /** [N * height * width, D] */
  readonly patches: Tensor
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
    yield { patches: vectors, grid: [height, width], size }
  }
}
