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

/**
 * The number of elements of a shape: the product of its dimensions, 1 for a scalar.
 * @example
 * ```ts
 * import { sizeOf } from '@tab/core'
 * console.log(sizeOf([2, 224, 224, 3])) // 301056
 * ```
 */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1)
}

/**
 * A shape the way messages write it, with `*` for a free dimension.
 * @example
 * ```ts
 * import { formatShape } from '@tab/core'
 * console.log(formatShape(['N', 224, 224, null])) // [N,224,224,*]
 * ```
 */
export function formatShape(shape: readonly (number | string | null)[]): string {
  return `[${shape.map((dimension) => dimension ?? '*').join(',')}]`
}

/** Names of the array classes; not compared by `instanceof`, as arrays may come from another realm. */
export const ARRAYS: Readonly<Record<DType, string>> = {
  float32: 'Float32Array',
  float64: 'Float64Array',
  int32: 'Int32Array',
  uint8: 'Uint8Array',
}

/** Class of a value, as its own realm names it. */
export function arrayName(data: unknown): string {
  return Object.prototype.toString.call(data).slice(8, -1)
}

/** Whether data are what an element type says: a plain array may hold null and text. */
export function holds<D extends DType>(dtype: D, data: unknown): data is DataTypeMap[D] {
  return arrayName(data) === ARRAYS[dtype]
}

/** Whether a value can be a dimension: a whole number from 0. */
export function isDimension(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function checked<D extends DType>(dtype: D, shape: readonly number[], data: DataTypeMap[D]): Tensor<D> {
  const refuse = (expected: string, actual: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where: 'tensor', expected, actual })
  }
  if (!Object.hasOwn(ARRAYS, dtype)) refuse(`dtype among ${Object.keys(ARRAYS).join(', ')}`, String(dtype))
  if (!Array.isArray(shape)) refuse('shape must be an array', String(shape))
  if (!shape.every(isDimension)) refuse('dimensions must be whole numbers from 0', formatShape(shape))
  if (!holds(dtype, data)) refuse(`${dtype} needs a ${ARRAYS[dtype]}`, arrayName(data))
  if (sizeOf(shape) !== data.length) refuse(`${formatShape(shape)} needs ${sizeOf(shape)} elements`, `${data.length}`)
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
