import { assertTensor, checkNumber, sha256, sizeOf, tensor, type FeatureExtractor, type Tensor } from '@tab/core'

export interface MemoizedExtractorOptions {
  /** Most bytes of features that are kept. Default 512 MiB: 850 images of 224 px by `layer2` and `layer3` of a ResNet-18. */
  readonly maxBytes?: number
}

/**
 * An extractor that keeps the features of images in memory, found again by their content: several fits on the same images extract
 * them once. When the memory is full, what is kept stays, and further images are extracted each time.
 * @param extractor disposed of with this one
 */
export function memoizedExtractor(
  extractor: FeatureExtractor,
  { maxBytes = 2 ** 29 }: MemoizedExtractorOptions = {},
): FeatureExtractor {
  checkNumber('memoizedExtractor', 'maxBytes', maxBytes, { integer: true, minimum: 0 })
  const kept = new Map<string, ReadonlyMap<string, Tensor>>()
  let bytes = 0

  function keep(key: string, maps: ReadonlyMap<string, Tensor>): void {
    const size = [...maps.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
    if (kept.has(key) || bytes + size > maxBytes) return
    kept.set(key, maps)
    bytes += size
  }

  return {
    id: extractor.id,
    layers: extractor.layers,
    async extract(images, layers) {
      assertTensor('memoizedExtractor.extract', 'images', images, ['N', 'H', 'W', 3])
      const singles = split(images)
      if (singles.length === 0) return extractor.extract(images, layers)
      const keys = await Promise.all(singles.map((image) => keyOf(image, layers)))
      const found = keys.map((key) => kept.get(key))
      const missing = singles.flatMap((_, index) => (found[index] ? [] : [index]))
      if (missing.length > 0) {
        const made = await extractor.extract(stack(missing.map((index) => singles[index] as Tensor)), layers)
        // Of another number of images, or a layer missing: for the caller to refuse, as without this extractor.
        if (layers.some((layer) => made.get(layer)?.shape[0] !== missing.length)) return made
        const parts = new Map(layers.map((layer) => [layer, split(made.get(layer) as Tensor)]))
        missing.forEach((index, place) => {
          // Copies, so that an image that is kept does not hold its whole batch.
          const maps = new Map(layers.map((layer) => [layer, copy((parts.get(layer) as Tensor[])[place] as Tensor)]))
          found[index] = maps
          keep(keys[index] as string, maps)
        })
      }
      return new Map(layers.map((layer) => [layer, stack(found.map((maps) => maps?.get(layer) as Tensor))]))
    },
    dispose() {
      kept.clear()
      bytes = 0
      extractor.dispose()
    },
  }
}

async function keyOf({ data, shape }: Tensor, layers: readonly string[]): Promise<string> {
  const digest = await sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return `${digest} ${shape.join('x')} ${layers.join()}`
}

/** Each of a batch [N,...] as [1,...], without a copy. */
function split({ shape, data }: Tensor): Tensor[] {
  const rest = shape.slice(1)
  const length = sizeOf(rest)
  return Array.from({ length: shape[0] as number }, (_, index) =>
    tensor([1, ...rest], data.subarray(index * length, (index + 1) * length)),
  )
}

function copy({ shape, data }: Tensor): Tensor {
  return tensor(shape, data.slice())
}

function stack(images: readonly Tensor[]): Tensor {
  const [first] = images as [Tensor]
  if (images.length === 1) return first
  const data = new Float32Array(images.length * first.data.length)
  images.forEach((image, index) => data.set(image.data, index * first.data.length))
  return tensor([images.length, ...first.shape.slice(1)], data)
}
