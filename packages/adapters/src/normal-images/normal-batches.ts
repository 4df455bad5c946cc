import { assertImages, formatShape, TabError, throwIfAborted, type Tensor } from '@tab/core'

/**
 * Checks the batches that a detector is fitted on; empty ones are left out.
 * @throws INVALID_ARGUMENT for images of another shape, of several sizes or with values outside [0,1]; NUMERICAL for NaN; ABORTED
 */
export async function* normalBatches(
  where: string,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ images: Tensor; size: readonly [number, number] }> {
  let size: readonly [number, number] | undefined
  throwIfAborted(where, signal)
  for await (const images of normals) {
    throwIfAborted(where, signal)
    assertImages(where, images)
    const [count, height, width] = images.shape as [number, number, number]
    if (count === 0) continue
    size ??= [height, width]
    if (height !== size[0] || width !== size[1]) {
      throw new TabError('INVALID_ARGUMENT', {
        where,
        expected: `all images of the same size, ${formatShape(['N', ...size, 3])}`,
        actual: formatShape(images.shape),
      })
    }
    yield { images, size }
  }
}
