import { assertTensor, TabError, type FeatureExtractor, type Tensor } from '@tab/core'

/**
 * Feature maps of images, in the order of `layers`, checked: an extractor may be anybody's.
 * @param images [N,H,W,3]
 * @returns [N,h,w,C] of each layer
 * @throws INVALID_DATA for a layer that is not there or of another shape, NUMERICAL for features that are not finite
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
    assertFinite(where, name, layer)
    return layer
  })
}

function assertFinite(where: string, name: string, { data, shape }: Tensor): void {
  // A sum over all is finite unless a part is not, and costs one addition an element: float64 holds any sum of float32.
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += data[i] as number
  if (Number.isFinite(sum)) return
  const at = data.findIndex((value) => !Number.isFinite(value))
  throw new TabError('NUMERICAL', {
    where,
    expected: 'features must be finite',
    actual: `${data[at]} in ${name} of image ${Math.floor((at * (shape[0] as number)) / data.length)}`,
  })
}
