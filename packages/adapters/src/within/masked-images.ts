import { TabError, tensorOf, type Tensor } from '@tab/core'

/** Images [N,H,W,3] of which only some pixels count. Who does not know of `within` sees the others filled with one grey. */
export interface MaskedImages extends Tensor {
  /** [N,H,W], 1 where pixels count. */
  readonly within: Tensor<'uint8'>
}

/** What outside pixels are replaced by, so that nothing of them reaches a feature. */
const FILL = 0.5

/**
 * Images with their outside filled, and their masks beside them. Where images have masks already, pixels count that both mark; where those have none
 * in common, those of `masks`, so that no image goes unseen.
 * @param images [N,H,W,3]
 * @param masks [N,H,W], or [H,W] of all of them
 */
export function maskImages(images: Tensor, masks: Tensor<'uint8'>): MaskedImages {
  const [count, height, width] = images.shape as [number, number, number]
  const area = height * width
  const earlier = withinOf(images)
  const data = images.data.slice()
  const within = new Uint8Array(count * area)
  for (let image = 0; image < count; image++) {
    const own = masks.shape.length === 2 ? masks.data : masks.data.subarray(image * area, (image + 1) * area)
    const before = earlier?.data.subarray(image * area, (image + 1) * area)
    const both = before && own.map((inside, pixel) => (inside && before[pixel] ? 1 : 0))
    within.set(both?.includes(1) ? both : own, image * area)
  }
  within.forEach((inside, pixel) => inside || data.fill(FILL, pixel * 3, pixel * 3 + 3))
  return withMasks({ ...images, data }, tensorOf('uint8', [count, height, width], within))
}

/** Images with masks beside them. */
export function withMasks(images: Tensor, within: Tensor<'uint8'>): MaskedImages {
  return { ...images, within }
}

/** Masks of images; undefined where all pixels count. */
export function withinOf(images: Tensor): Tensor<'uint8'> | undefined {
  return (images as Partial<MaskedImages>).within
}

/**
 * Cells of a grid over images that count: those with any pixel that does, so that no such pixel goes unseen.
 * @param grid `[height, width]`
 * @returns [N * height * width]
 * @throws INVALID_ARGUMENT for masks of another size than the images
 */
export function cellsWithin(images: Tensor, [rows, columns]: readonly [number, number]): Uint8Array | undefined {
  const within = withinOf(images)
  if (!within) return undefined
  const [count, height, width] = images.shape as [number, number, number]
  if (within.shape.join() !== [count, height, width].join()) {
    const expected = `masks [${count},${height},${width}] beside images`
    throw new TabError('INVALID_ARGUMENT', { where: 'within', expected, actual: `[${within.shape.join()}]` })
  }
  const cells = new Uint8Array(count * rows * columns)
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const row = (image * rows + Math.floor((y * rows) / height)) * columns
      for (let x = 0; x < width; x++) {
        if (within.data[(image * height + y) * width + x]) cells[row + Math.floor((x * columns) / width)] = 1
      }
    }
  }
  return cells
}

/**
 * Sets the scores of patches that do not count to 0.
 * @param scores [N * height * width]
 * @param grid `[height, width]`
 * @returns the cells that count; undefined where all do
 */
export function zeroOutside(
  scores: Float32Array,
  images: Tensor,
  grid: readonly [number, number],
): Uint8Array | undefined {
  const cells = cellsWithin(images, grid)
  cells?.forEach((inside, patch) => inside || (scores[patch] = 0))
  return cells
}

/**
 * The rows of vectors whose cells count.
 * @param vectors [R,D]
 * @param cells [R]; undefined where all count
 */
export function rowsWithin<D extends 'float32' | 'int32'>(
  vectors: Tensor<D>,
  cells: Uint8Array | undefined,
): Tensor<D> {
  if (!cells) return vectors
  const dimension = vectors.shape[1] as number
  const rows = cells.reduce((sum, inside) => sum + inside, 0)
  const data = (
    vectors.dtype === 'float32' ? new Float32Array(rows * dimension) : new Int32Array(rows * dimension)
  ) as Float32Array
  let kept = 0
  cells.forEach((inside, row) => {
    if (inside) data.set(vectors.data.subarray(row * dimension, (row + 1) * dimension), kept++ * dimension)
  })
  return { dtype: vectors.dtype, shape: [rows, dimension], data } as unknown as Tensor<D>
}
