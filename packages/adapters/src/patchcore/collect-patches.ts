import { TabError, tensor, type FeatureExtractor, type LongTaskOptions, type Tensor } from '@tab/core'
import { normalBatches } from '../normal-batches.ts'
import { patchFeatures } from './patch-features.ts'

/** All patches of the good images, and the size of the images. */
export interface CollectedPatches {
  /** [N,D] */
  readonly patches: Tensor
  readonly size: readonly [number, number]
}

/**
 * Extracts the patch features of every batch.
 * @throws INVALID_ARGUMENT without an image or with images of several sizes, NUMERICAL for pixels that are not finite
 */
export async function collectPatches(
  extractor: FeatureExtractor,
  layers: readonly string[],
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress }: LongTaskOptions,
): Promise<CollectedPatches> {
  const where = 'patchCore.fit'
  const blocks: Float32Array[] = []
  let size: readonly [number, number] | undefined
  let dimension = 0
  let done = 0
  for await (const { images, size: batchSize } of normalBatches(where, normals, signal)) {
    size = batchSize
    const features = await extractor.extract(images, layers)
    const { vectors } = patchFeatures(layers.map((layer) => features.get(layer) as Tensor))
    blocks.push(vectors.data)
    dimension = vectors.shape[1] as number
    done += images.shape[0] as number
    onProgress?.({ phase: 'extract', done })
  }
  if (!size) throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
  return { patches: join(blocks, dimension), size }
}

/** The blocks in one array; each is let go as soon as it is copied. */
function join(blocks: Float32Array[], dimension: number): Tensor {
  const patches = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0))
  let offset = 0
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    patches.set(block, offset)
    offset += block.length
  }
  return tensor([patches.length / dimension, dimension], patches)
}
