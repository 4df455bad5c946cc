import { TabError, type JsonValue } from '@tab/core'

/**
 * Checks that a value survives a round trip through JSON.
 * @param path of the value, for the message
 * @throws INVALID_ARGUMENT naming the part that does not, such as NaN, undefined, a typed array or a date
 */
export function assertJson(where: string, path: string, value: unknown): asserts value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (Array.isArray(value)) return value.forEach((item, index) => assertJson(where, `${path}[${index}]`, item))
  if (isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return Object.entries(value).forEach(([key, item]) => assertJson(where, `${path}.${key}`, item))
  }
  throw new TabError('INVALID_ARGUMENT', { where, expected: `${path} must be a JSON value`, actual: String(value) })
}

/** Whether a value is an object with keys, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
