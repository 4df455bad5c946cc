import type { Tensor } from '@tab/core'
import { assertMapsAndMasks } from '../inputs.ts'
import { connectedComponents } from './connected-components.ts'
import type { GroupedPixels } from './pixel-store.ts'

/**
 * Groups the pixels of a batch by ground-truth region, the 8-connected components of the masks; all other pixels are normal.
 * @throws as {@link assertMapsAndMasks}
 */
export function pixelsByRegion(where: string, maps: Tensor, masks: Tensor<'uint8'>): GroupedPixels {
  const { normal, anomalous } = arraysFor(where, maps, masks)
  const [count, height, width] = maps.shape as [number, number, number]
  const sizes: number[] = []
  let [n, a] = [0, 0]
  for (let image = 0; image < count; image++) {
    const { map, mask, defective } = imageOf(maps, masks, image)
    if (!defective) {
      normal.set(map, n)
      n += map.length
      continue
    }
    const components = connectedComponents(mask, height, width)
    const places = components.sizes.map((size) => {
      const place = a
      a += size
      return place
    })
    for (const size of components.sizes) sizes.push(size)
    const { labels } = components
    for (let i = 0; i < map.length; i++) {
      const label = labels[i] as number
      if (label === 0) {
        normal[n++] = map[i] as number
      } else {
        const place = places[label - 1] as number
        places[label - 1] = place + 1
        anomalous[place] = map[i] as number
      }
    }
  }
  return { normal, anomalous, groupSizes: Uint32Array.from(sizes) }
}

/**
 * Groups the defective pixels of a batch by image, with a group of size 0 for an image without any; only pixels of such images
 * count as normal.
 * @throws as {@link assertMapsAndMasks}
 */
export function pixelsByImage(where: string, maps: Tensor, masks: Tensor<'uint8'>): GroupedPixels {
  const { normal, anomalous } = arraysFor(where, maps, masks)
  const sizes = new Uint32Array(maps.shape[0] as number)
  let [n, a] = [0, 0]
  for (let image = 0; image < sizes.length; image++) {
    const { map, mask, defective } = imageOf(maps, masks, image)
    if (!defective) {
      normal.set(map, n)
      n += map.length
      continue
    }
    const first = a
    for (let i = 0; i < map.length; i++) if (mask[i] === 1) anomalous[a++] = map[i] as number
    sizes[image] = a - first
  }
  return { normal: normal.subarray(0, n), anomalous, groupSizes: sizes }
}

function arraysFor(
  where: string,
  maps: Tensor,
  masks: Tensor<'uint8'>,
): { normal: Float32Array; anomalous: Float32Array } {
  assertMapsAndMasks(where, maps, masks)
  const { data } = masks
  let defective = 0
  for (let i = 0; i < data.length; i++) defective += data[i] as number
  return { normal: new Float32Array(data.length - defective), anomalous: new Float32Array(defective) }
}

function imageOf(
  maps: Tensor,
  masks: Tensor<'uint8'>,
  image: number,
): { map: Float32Array; mask: Uint8Array; defective: boolean } {
  const area = (maps.shape[1] as number) * (maps.shape[2] as number)
  const mask = masks.data.subarray(image * area, (image + 1) * area)
  return { map: maps.data.subarray(image * area, (image + 1) * area), mask, defective: mask.includes(1) }
}
