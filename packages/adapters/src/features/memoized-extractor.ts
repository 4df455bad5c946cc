import { assertTensor, checkNumber, sha256, sizeOf, tensor, type FeatureExtractor, type Tensor } from '@tab/core'

export interface MemoizedExtractorOptions {
  /** Most bytes of features to keep. Default 512 MiB: `layer2` and `layer3` of a ResNet-18 for 850 images of 224 x 224 pixels. */
  readonly maxBytes?: number
}

/**
 * Wraps an extractor so that it keeps features in memory by the content of the images: several fits on the same images extract them
 * once. When the memory is full, the features in it stay, and further images are extracted each time.
 * @param extractor disposed of with this one
 * @example
 * ```ts
 * import { memoizedExtractor } from '@tab/adapters'
 * import { tensor, type FeatureExtractor } from '@tab/core'
 *
 * let extracted = 0
 * const pixels: FeatureExtractor = {
 *   id: 'pixels',
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => ((extracted += images.shape[0] ?? 0), new Map([['pixels', images]])),
 *   dispose() {},
 * }
 * const extractor = memoizedExtractor(pixels)
 * for (let pass = 0; pass < 3; pass++) await extractor.extract(tensor([2, 4, 4, 3], new Float32Array(96)), ['pixels'])
 * console.log(extracted) // 2
 * ```
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
        // Another number of images or a missing layer: the caller refuses it, as it would without this wrapper.
        if (layers.some((layer) => made.get(layer)?.shape[0] !== missing.length)) return made
        const parts = new Map(layers.map((layer) => [layer, split(made.get(layer) as Tensor)]))
        missing.forEach((index, place) => {
          // Copies, so that one kept image does not keep its whole batch in memory.
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

/** Splits a batch [N,...] into [1,...] views. */
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
