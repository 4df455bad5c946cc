import { TabError } from './errors.ts'

/** Array class behind each element type. */
export interface DataTypeMap {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  uint8: Uint8Array
}

export type DType = keyof DataTypeMap

/**
 * A dense, row-major block of numbers on the host: the value at every seam between packages. Structural, so that tensors
 * of two versions of core, of workers and of user code interoperate; treat it as immutable.
 */
export interface Tensor<D extends DType = 'float32'> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: DataTypeMap[D]
}

/** Number of elements of a shape: the product of its dimensions, 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1)
}

/** `[2,3,4]`, the way shapes are written in messages. */
export function formatShape(shape: readonly (number | string | null)[]): string {
  return `[${shape.map((dimension) => dimension ?? '*').join(',')}]`
}

function checked<D extends DType>(dtype: D, shape: readonly number[], data: DataTypeMap[D]): Tensor<D> {
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'tensor',
      expected: 'dimensions must be whole numbers from 0',
      actual: formatShape(shape),
    })
  }
  if (sizeOf(shape) !== data.length) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'tensor',
      expected: `${formatShape(shape)} needs ${sizeOf(shape)} elements`,
      actual: `${data.length}`,
    })
  }
  return { dtype, shape: [...shape], data }
}

/**
 * A float32 tensor over `data` (not copied).
 * @throws INVALID_ARGUMENT when the shape and the number of elements disagree.
 */
export function tensor(shape: readonly number[], data: Float32Array): Tensor {
  return checked('float32', shape, data)
}

/** {@link tensor} for any element type. */
export function tensorOf<D extends DType>(dtype: D, shape: readonly number[], data: DataTypeMap[D]): Tensor<D> {
  return checked(dtype, shape, data)
}
