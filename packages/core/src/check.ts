import { TabError } from './errors.ts'
import { ARRAYS, arrayName, formatShape, holds, isDimension, sizeOf, type DType, type Tensor } from './tensor.ts'

/** An expected shape: numbers are exact, strings name free dimensions (`['N','H','W',3]`). */
export type ShapePattern = readonly (number | string)[]

/**
 * Checks a tensor passed by a caller and narrows its type.
 * @param where the operation, for the message
 * @param name the argument, for the message
 * @throws INVALID_ARGUMENT when element type, rank, a dimension or the number of elements is wrong
 * @example
 * ```ts
 * import { assertTensor, tensor } from '@tab/core'
 * try {
 *   assertTensor('score', 'maps', tensor([2, 4], new Float32Array(8)), ['N', 'H', 'W'])
 * } catch (error) {
 *   console.log((error as Error).message) // score: maps must be float32 [N,H,W], got [2,4]
 * }
 * ```
 */
export function assertTensor<D extends DType = 'float32'>(
  where: string,
  name: string,
  value: Tensor<DType>,
  shape: ShapePattern,
  dtype: D = 'float32' as D,
): asserts value is Tensor<D> {
  const wanted = `${name} must be ${dtype} ${formatShape(shape)}`
  const refuse = (expected: string, actual: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual })
  }
  if (typeof value !== 'object' || value === null || !Array.isArray(value.shape)) {
    refuse(wanted, value === null ? 'null' : typeof value)
  }
  const fits =
    value.shape.length === shape.length &&
    value.shape.every(isDimension) &&
    shape.every((dimension, axis) => typeof dimension === 'string' || dimension === value.shape[axis])
  if (value.dtype !== dtype || !fits) {
    const type = value.dtype === dtype ? '' : `${value.dtype} `
    refuse(wanted, `${type}${formatShape(value.shape)}`)
  }
  if (!holds(dtype, value.data)) refuse(`${name} must hold a ${ARRAYS[dtype]}`, arrayName(value.data))
  if (value.data.length !== sizeOf(value.shape)) {
    refuse(`${name} ${formatShape(value.shape)} must hold ${sizeOf(value.shape)} elements`, String(value.data.length))
  }
}

/** Bounds of a numeric option; `minimum` and `maximum` are inclusive, `above` and `below` exclusive. */
export interface NumberBounds {
  readonly minimum?: number
  readonly maximum?: number
  readonly above?: number
  readonly below?: number
  readonly integer?: boolean
}

/**
 * Checks a numeric option and returns it.
 * @throws INVALID_ARGUMENT when it is not finite, is out of bounds, or is not a whole number although `integer` is set
 * @example
 * ```ts
 * import { checkNumber } from '@tab/core'
 * const ratio = checkNumber('patchCore', 'coresetRatio', 0.1, { above: 0, maximum: 1 })
 * console.log(ratio) // 0.1
 * ```
 */
export function checkNumber(where: string, name: string, value: number, bounds: NumberBounds = {}): number {
  const { minimum, maximum, above, below, integer = false } = bounds
  const fits =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!integer || Number.isSafeInteger(value)) &&
    (minimum === undefined || value >= minimum) &&
    (maximum === undefined || value <= maximum) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  if (fits) return value
  const conditions = [
    minimum === undefined ? undefined : `>= ${minimum}`,
    above === undefined ? undefined : `> ${above}`,
    maximum === undefined ? undefined : `<= ${maximum}`,
    below === undefined ? undefined : `< ${below}`,
  ].filter((condition) => condition !== undefined)
  const kind = integer ? 'a whole number' : 'a finite number'
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: `${name} must be ${kind}${conditions.length > 0 ? ` ${conditions.join(' and ')}` : ''}`,
    actual: typeof value === 'string' ? JSON.stringify(value) : String(value),
  })
}

/**
 * Checks that data read from outside has known keys only, so that a typo is not a setting silently ignored.
 * @throws INVALID_DATA naming the unknown keys and the known ones
 * @example
 * ```ts
 * import { assertKnownKeys } from '@tab/core'
 * try {
 *   assertKnownKeys('config.json', { bachSize: 8 }, ['batchSize', 'seed'])
 * } catch (error) {
 *   console.log((error as Error).message) // config.json: keys among batchSize, seed, got bachSize
 * }
 * ```
 */
export function assertKnownKeys(where: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  throw new TabError('INVALID_DATA', { where, expected: `keys among ${known.join(', ')}`, actual: unknown.join(', ') })
}
