import { formatShape, TabError, tensor, type Tensor } from '@tab/core'

/** How the tokens of a vision transformer [N,T,C] lie in the image. */
export interface TokenLayout {
  /** Side of a patch in pixels; the sides of an image are multiples of it. */
  readonly patchSize: number
  /** Tokens before those of the patches: class and register tokens. */
  readonly prefix: number
  /** Side, in pixels, of the images whose patches the positional embeddings are for; for messages. */
  readonly imageSize?: number
}

/** @throws INVALID_ARGUMENT unless patches fill images of this size */
export function assertPatches(
  where: string,
  { patchSize, imageSize }: TokenLayout,
  size: readonly [number, number],
): void {
  if (size.every((side) => side >= patchSize && side % patchSize === 0)) return
  const near = imageSize ?? Math.max(1, Math.round(size[0] / patchSize)) * patchSize
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: `images whose sides are multiples of ${patchSize} pixels, the side of a patch, such as ${near} x ${near}`,
    actual: size.join(' x '),
  })
}

/** What is said when a model fails on images of a size: most have positional embeddings for one size and do not interpolate them. */
export function refusedSize(
  where: string,
  { imageSize }: TokenLayout,
  size: readonly [number, number],
  cause: unknown,
): TabError {
  const known =
    imageSize === undefined ? 'the size that its positional embeddings are for' : `${imageSize} x ${imageSize}`
  return new TabError('INVALID_ARGUMENT', {
    where,
    message:
      `the model failed on images of ${size.join(' x ')}. If its graph does not interpolate its positional embeddings, it takes ` +
      `images of ${known} alone: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  })
}

/**
 * The tokens of the patches as a feature map.
 * @param data [N,T,C]
 * @param size `[height, width]` of the images
 * @returns [N,h,w,C]
 * @throws INVALID_DATA for another number of tokens than that of the patches and the prefix
 */
export function fromTokens(
  where: string,
  data: Float32Array,
  dims: readonly number[],
  { patchSize, prefix }: TokenLayout,
  size: readonly [number, number],
): Tensor {
  const [height, width] = [size[0] / patchSize, size[1] / patchSize]
  const [count, tokens, channels] = dims as [number, number, number]
  if (tokens !== prefix + height * width) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `${prefix} + ${height} x ${width} tokens of an image of ${size.join(' x ')} with patches of ${patchSize} pixels`,
      actual: formatShape(dims),
    })
  }
  const own = height * width * channels
  const result = new Float32Array(count * own)
  for (let n = 0; n < count; n++) {
    const start = (n * tokens + prefix) * channels
    result.set(data.subarray(start, start + own), n * own)
  }
  return tensor([count, height, width, channels], result)
}
