import { TabError, tensor, type Detector, type LongTaskOptions, type Prediction, type Tensor } from '@tab/core'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import type { MaskedImages } from './masked-images.ts'

/**
 * Predicts images of which only some pixels count.
 * @returns maps whose outside has the lowest value inside; of an image without an inside, as they are
 * @throws what the detector throws, and as `checkedPrediction` does
 */
export async function predictMasked(
  where: string,
  inner: Detector,
  images: MaskedImages,
  task: LongTaskOptions,
): Promise<Prediction> {
  const prediction = checkedPrediction(where, await inner.predict(images, task), images.shape[0] as number)
  const [mask, maps] = [images.within.shape, prediction.maps.shape]
  if (mask.join() !== maps.join()) {
    const expected = `maps of the size of the mask, ${mask.slice(1).join(' x ')} (mapSize: 'input')`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: maps.slice(1).join(' x ') })
  }
  return { ...prediction, maps: withoutOutside(prediction.maps, images.within) }
}

function withoutOutside({ shape, data }: Tensor, { data: within }: Tensor<'uint8'>): Tensor {
  const area = (shape[1] as number) * (shape[2] as number)
  const maps = data.slice()
  for (let start = 0; start < maps.length; start += area) {
    let lowest = Infinity
    for (let at = start; at < start + area; at++) if (within[at]) lowest = Math.min(lowest, maps[at] as number)
    if (lowest === Infinity) continue
    for (let at = start; at < start + area; at++) if (!within[at]) maps[at] = lowest
  }
  return tensor(shape, maps)
}
