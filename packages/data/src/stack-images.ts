import { assertTensor, formatShape, TabError, tensor, type Tensor } from '@tab/core'

/**
 * Images [H,W,3] of one size as one batch [N,H,W,3], as `fit` and `predict` take it. A single one is not copied.
 * @throws INVALID_ARGUMENT for no image, another shape, or images of several sizes
 * @example
 * ```ts
 * import { stackImages, syntheticParts } from '@tab/data'
 * const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 })
 * console.log(stackImages([parts.normal(0).image, parts.normal(1).image]).shape) // [ 2, 64, 64, 3 ]
 * ```
 */
export function stackImages(images: readonly Tensor[]): Tensor {
  const where = 'stackImages'
  const [first] = images
  if (!first) throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one image', actual: 'none' })
  const isSingle = images.length === 1
  const data = isSingle ? first.data : new Float32Array(images.length * first.data.length)
  images.forEach((image, index) => {
    assertTensor(where, `image ${index}`, image, ['H', 'W', 3])
    if (formatShape(image.shape) !== formatShape(first.shape)) {
      const expected = `images of one size, ${formatShape(first.shape)}`
      throw new TabError('INVALID_ARGUMENT', { where, expected, actual: formatShape(image.shape) })
    }
    if (!isSingle) data.set(image.data, index * first.data.length)
  })
  return tensor([images.length, ...first.shape], data)
}

/**
 * One image [H,W,3] or map [H,W] of a batch [N,...]: a view, not a copy.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { imageAt } from '@tab/data'
 * const maps = tensor([2, 1, 2], Float32Array.of(1, 2, 3, 4))
 * console.log([...imageAt(maps, 1).data]) // [ 3, 4 ]
 * ```
 */
export function imageAt({ shape, data }: Tensor, index: number): Tensor {
  const length = data.length / (shape[0] as number)
  return tensor(shape.slice(1), data.subarray(index * length, (index + 1) * length))
}
