import type { Detector, DetectorRecipe, Tensor } from '@tab/core'
import { imageAt } from '@tab/data'
import type { GoodImages } from './good-images.ts'

/** An image [H,W,3] in [0,1] and its anomaly map [H*W]. */
export interface MappedImage {
  readonly image: Tensor
  readonly map: Float32Array
}

const MOST_FITTED = 64 // images, which is enough for a picture

/**
 * Images with the maps of a detector that was not fitted on them.
 * @param numbers of the images to map
 * @param others to fit a detector on for this; undefined where `detector` was not fitted on these images
 */
export async function mapUnseen(
  parts: { readonly recipe: DetectorRecipe; readonly images: GoodImages; readonly detector: Detector },
  numbers: readonly number[],
  others: readonly number[] | undefined,
): Promise<MappedImage[]> {
  const { recipe, images } = parts
  const detector = others ? await recipe.fit(images.batches(others.slice(0, MOST_FITTED))) : parts.detector
  try {
    const mapped: MappedImage[] = []
    for await (const batch of images.batches(numbers)) {
      const { maps } = await detector.predict(batch)
      for (let i = 0; i < (batch.shape[0] as number); i++) {
        mapped.push({ image: imageAt(batch, i), map: imageAt(maps, i).data })
      }
    }
    return mapped
  } finally {
    if (others) detector.dispose()
  }
}
