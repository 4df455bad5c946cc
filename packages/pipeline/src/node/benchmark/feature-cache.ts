import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  assertTensor,
  readSafetensors,
  sizeOf,
  tensor,
  writeSafetensors,
  type FeatureExtractor,
  type Tensor,
} from '@tab/core'
import { writeAtomically } from '@tab/core/node'

/**
 * An extractor that keeps every feature map in a folder, by the content of the image: shots, seeds and detectors share the work, and so do
 * runs. Images go through the network one by one, so that a map is the same whoever asked for it first.
 */
export function cachedExtractor(extractor: FeatureExtractor, folder: string): FeatureExtractor {
  async function one(image: Tensor, layers: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    const { data, shape } = image
    const digest = createHash('sha256')
      .update(`${extractor.id} ${shape.join()}`)
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      .digest('hex')
    const fileOf = (layer: string): string => join(folder, digest.slice(0, 2), `${digest}.${layer}.safetensors`)
    const kept = await Promise.all(layers.map((layer) => readMap(fileOf(layer))))
    if (kept.every((map) => map !== undefined)) return new Map(layers.map((layer, i) => [layer, kept[i] as Tensor]))
    const made = await extractor.extract(image, layers)
    // One by one: if several were written at once, the others would continue after the first had failed.
    for (const [layer, map] of made) await writeAtomically(fileOf(layer), writeSafetensors({ map }))
    return made
  }

  return {
    id: extractor.id,
    layers: extractor.layers,
    async extract(images, layers) {
      assertTensor('cachedExtractor.extract', 'images', images, ['N', 'H', 'W', 3])
      const [count, ...shape] = images.shape as [number, number, number, number]
      if (count === 0) return extractor.extract(images, layers)
      const length = sizeOf(shape)
      const maps: ReadonlyMap<string, Tensor>[] = []
      for (let i = 0; i < count; i++) {
        maps.push(await one(tensor([1, ...shape], images.data.subarray(i * length, (i + 1) * length)), layers))
      }
      return new Map(layers.map((layer) => [layer, stack(maps.map((map) => map.get(layer) as Tensor))]))
    },
    dispose: () => extractor.dispose(),
  }
}

/** A map that was kept; undefined where there is none, or a damaged one. */
async function readMap(path: string): Promise<Tensor | undefined> {
  try {
    return readSafetensors(await readFile(path))
      .entries.get('map')
      ?.toTensor() as Tensor | undefined
  } catch {
    return undefined
  }
}

function stack(maps: readonly Tensor[]): Tensor {
  const [first] = maps as [Tensor]
  const data = new Float32Array(maps.length * first.data.length)
  maps.forEach((map, i) => data.set(map.data, i * first.data.length))
  return tensor([maps.length, ...first.shape.slice(1)], data)
}
