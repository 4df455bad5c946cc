import { isTabError, type TabErrorCode } from '../errors.ts'
import { formatShape, type DType, type Tensor } from '../tensor.ts'

export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

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

/** |actual - expected| <= absolute + relative * |expected| for every element, and no NaN. */
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

export function ensureIdentical(name: string, actual: Tensor<DType>, expected: Tensor<DType>): void {
  ensureShape(name, actual, expected.shape, expected.dtype)
  expected.data.forEach((wanted: number, index: number) => {
    ensure(
      Object.is(actual.data[index], wanted),
      `${name}[${index}]: expected exactly ${wanted}, got ${actual.data[index]}`,
    )
  })
}

/** That the action rejects (or throws) with a TabError of the code. */
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
