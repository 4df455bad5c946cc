import { assertTensor, TabError, type FeatureExtractor, type Tensor } from '@tab/core'
import { assertFinitePerImage } from '../finite-per-image.ts'

/**
 * Extracts feature maps and checks them, as the extractor may be anyone's.
 * @param images [N,H,W,3]
 * @returns [N,h,w,C] of each layer, in the order of `layers`
 * @throws INVALID_DATA for a layer that is missing or has another shape, NUMERICAL for features that are not finite
 */
export async function layerFeatures(
  where: string,
  extractor: FeatureExtractor,
  layers: readonly string[],
  images: Tensor,
): Promise<Tensor[]> {
  const features = await extractor.extract(images, layers)
  return layers.map((name) => {
    const layer = features.get(name)
    const count = images.shape[0] as number
    if (layer?.shape.length !== 4 || layer.shape[0] !== count) {
      throw new TabError('INVALID_DATA', {
        where,
        expected: `features [${count},h,w,C] of ${name} from the extractor ${extractor.id}`,
        actual: layer ? `[${layer.shape.join(',')}]` : 'none',
      })
    }
    assertTensor(where, name, layer, [count, 'h', 'w', 'C'])
    assertFinitePerImage(where, `features of ${name}`, layer)
    return layer
  })
}
