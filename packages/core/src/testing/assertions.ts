import { isTabError, type TabErrorCode } from '../errors.ts'
import { formatShape, type DType, type Tensor } from '../tensor.ts'

/**
 * Fails with the message unless the condition holds.
 * @example
 * ```ts
 * import { ensure } from '@tab/core/testing'
 * const layers: readonly string[] = ['layer2', 'layer3']
 * ensure(layers.length > 0, 'there must be a layer')
 * console.log(layers.length) // 2
 * ```
 */
export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/**
 * Fails unless the tensor has this shape and element type.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { ensureShape } from '@tab/core/testing'
 * try {
 *   ensureShape('scores', tensor([2], Float32Array.of(1, 2)), [3])
 * } catch (error) {
 *   console.log((error as Error).message) // scores: expected float32 [3], got float32 [2]
 * }
 * ```
 */
export function ensureShape(
  name: string,
  actual: Tensor<DType>,
  shape: readonly number[],
  dtype: DType = 'float32',
): void {
  const got = `${actual.dtype} ${formatShape(actual.shape)}`
  const wanted = `${dtype} ${formatShape(shape)}`
  ensure(got === wanted, `${name}: expected ${wanted}, got ${got}`)
  const size = shape.reduce((product, dimension) => product * dimension, 1)
  ensure(actual.data.length === size, `${name}: expected ${size} elements, got ${actual.data.length}`)
}

/**
 * Fails unless |actual - expected| <= absolute + relative * |expected| for every element; NaN fails.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { ensureClose } from '@tab/core/testing'
 * try {
 *   ensureClose('scores', tensor([1], Float32Array.of(1.5)), tensor([1], Float32Array.of(1)))
 * } catch (error) {
 *   console.log((error as Error).message) // scores[0]: expected 1, got 1.5
 * }
 * ```
 */
export function ensureClose(
  name: string,
  actual: Tensor<DType>,
  expected: Tensor<DType>,
  { relative = 1e-4, absolute = 1e-5 }: { relative?: number; absolute?: number } = {},
): void {
  ensureShape(name, actual, expected.shape, expected.dtype)
  expected.data.forEach((wanted: number, index: number) => {
    const got = actual.data[index] as number
    const close = Math.abs(got - wanted) <= absolute + relative * Math.abs(wanted)
    ensure(close, `${name}[${index}]: expected ${wanted}, got ${got}`)
  })
}

/**
 * Fails unless both tensors have the same shape, element type and values; NaN equals NaN.
 * @example
 * ```ts
 * import { ensureIdentical, randomTensor } from '@tab/core/testing'
 * const [first, again] = [randomTensor('seed', [4]), randomTensor('seed', [4])]
 * ensureIdentical('again', again, first)
 * console.log(again.data.length) // 4
 * ```
 */
export function ensureIdentical(name: string, actual: Tensor<DType>, expected: Tensor<DType>): void {
  ensureShape(name, actual, expected.shape, expected.dtype)
  expected.data.forEach((wanted: number, index: number) => {
    ensure(
      Object.is(actual.data[index], wanted),
      `${name}[${index}]: expected exactly ${wanted}, got ${actual.data[index]}`,
    )
  })
}

/**
 * Fails unless the action rejects or throws a TabError with this code.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { ensureRefused } from '@tab/core/testing'
 * const error = await ensureRefused('2 x 2', 'INVALID_ARGUMENT', () => tensor([2, 2], new Float32Array(3))).catch(String)
 * console.log(error ?? 'refused as it should be') // refused as it should be
 * ```
 */
export async function ensureRefused(name: string, code: TabErrorCode, action: () => unknown): Promise<void> {
  let result: unknown
  try {
    result = await action()
  } catch (error) {
    ensure(isTabError(error), `${name}: expected a TabError ${code}, got ${String(error)}`)
    ensure(error.code === code, `${name}: expected code ${code}, got ${error.code} (${error.message})`)
    return
  }
  throw new Error(`${name}: expected a TabError ${code}, got ${String(result)}`)
}
