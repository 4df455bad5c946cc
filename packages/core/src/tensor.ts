import { TabError } from './errors.ts'

/** The array class of each element type. */
export interface DataTypeMap {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  uint8: Uint8Array
}

export type DType = keyof DataTypeMap

/**
 * A dense, row-major block of numbers on the host: what packages exchange. It is recognised by its structure, so
 * tensors from two versions of core, from workers and from user code interoperate. Treat it as immutable.
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

/** Names of the array classes; `instanceof` would fail for arrays from another realm. */
export const ARRAYS: Readonly<Record<DType, string>> = {
  float32: 'Float32Array',
  float64: 'Float64Array',
  int32: 'Int32Array',
  uint8: 'Uint8Array',
}

/** The class name of a value, in any realm. */
export function arrayName(data: unknown): string {
  return Object.prototype.toString.call(data).slice(8, -1)
}

/** Whether the data match an element type; a plain array, which may hold null and text, does not. */
export function holds<D extends DType>(dtype: D, data: unknown): data is DataTypeMap[D] {
  return arrayName(data) === ARRAYS[dtype]
}

/** Whether a value can be a dimension: a whole number, 0 or more. */
export function isDimension(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function checked<D extends DType>(dtype: D, shape: readonly number[], data: DataTypeMap[D]): Tensor<D> {
  const refuse = (expected: string, actual: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where: 'tensor', expected, actual })
  }
  if (!Object.hasOwn(ARRAYS, dtype)) refuse(`dtype among ${Object.keys(ARRAYS).join(', ')}`, String(dtype))
  if (!Array.isArray(shape)) refuse('shape must be an array', String(shape))
  if (!shape.every(isDimension)) refuse('dimensions must be whole numbers >= 0', formatShape(shape))
  if (!holds(dtype, data)) refuse(`${dtype} needs a ${ARRAYS[dtype]}`, arrayName(data))
  if (sizeOf(shape) !== data.length) refuse(`${formatShape(shape)} needs ${sizeOf(shape)} elements`, `${data.length}`)
  return { dtype, shape: [...shape], data }
}

/**
 * A float32 tensor over `data` (not copied).
 * @throws INVALID_ARGUMENT when the shape and the number of elements disagree.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * const grey = tensor([1, 2, 2, 3], new Float32Array(12).fill(0.5))
 * console.log(grey.dtype, grey.shape) // float32 [ 1, 2, 2, 3 ]
 * ```
 */
export function tensor(shape: readonly number[], data: Float32Array): Tensor {
  return checked('float32', shape, data)
}

/**
 * {@link tensor} for any element type.
 * @example
 * ```ts
 * import { tensorOf } from '@tab/core'
 * const mask = tensorOf('uint8', [2, 3], Uint8Array.of(0, 1, 0, 0, 1, 1))
 * console.log(mask.data.filter((value) => value === 1).length) // 3
 * ```
 */
export function tensorOf<D extends DType>(dtype: D, shape: readonly number[], data: DataTypeMap[D]): Tensor<D> {
  return checked(dtype, shape, data)
}
