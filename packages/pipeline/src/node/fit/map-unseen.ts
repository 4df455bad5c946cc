import { tensor, type Detector, type DetectorRecipe, type Tensor } from '@tab/core'
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
      const [count, ...shape] = batch.shape as [number, number, number, number]
      const [length, area] = [batch.data.length / count, maps.data.length / count]
      for (let i = 0; i < count; i++) {
        const image = tensor(shape, batch.data.subarray(i * length, (i + 1) * length))
        mapped.push({ image, map: maps.data.subarray(i * area, (i + 1) * area) })
      }
    }
    return mapped
  } finally {
    if (others) detector.dispose()
  }
}
