import { assertPixels, TabError, throwIfAborted, type Tensor } from '@tab/core'
import { applySymmetry, exchangesSides, type Symmetry } from './symmetry.ts'

export interface AugmentNormalsOptions {
  /** The copies made of every image. Choose only what happens to real parts: a turned part must be as good as an upright one. */
  readonly symmetries: readonly Symmetry[]
  readonly signal?: AbortSignal | undefined
}

/**
 * Adds turned and mirrored copies to images of good parts on their way into `fit`: yields each batch unchanged, then once per
 * symmetry. Nothing is resampled and no border is filled, so no invented pixels enter a memory bank.
 * @param images batches [N,H,W,C] or single images [H,W,C]; they must be square for symmetries that swap height and width
 * @throws INVALID_ARGUMENT for such a symmetry if images are not square, values outside [0,1], or a symmetry named twice; ABORTED
 * @example
 * ```ts
 * import { augmentNormals, syntheticParts } from '@tab/data'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * let count = 0
 * for await (const turned of augmentNormals([image], { symmetries: ['rotate90', 'flipVertical'] })) count += turned.shape[0] === 64 ? 1 : 0
 * console.log(count) // 3
 * ```
 */
export async function* augmentNormals(
  images: AsyncIterable<Tensor> | Iterable<Tensor>,
  { symmetries, signal }: AugmentNormalsOptions,
): AsyncGenerator<Tensor> {
  const where = 'augmentNormals'
  if (new Set(symmetries).size < symmetries.length) {
    const expected = 'each symmetry once'
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: symmetries.join(', ') })
  }
  const turning = symmetries.find(exchangesSides)
  for await (const batch of images) {
    throwIfAborted(where, signal)
    const [height, width] = batch.shape.slice(-3)
    if (turning !== undefined && height !== width) {
      const expected = `square images for ${turning} (rotate180 and the flips take any; crop or resize before)`
      throw new TabError('INVALID_ARGUMENT', { where, expected, actual: `${height} x ${width}` })
    }
    assertPixels(where, batch.data)
    yield batch
    for (const symmetry of symmetries) yield applySymmetry(batch, symmetry)
  }
}
