import { TabError } from '@tab/core'

/**
 * Refuses a setting that asks for more than is available: using all instead would make another detector than requested.
 * @param what is available, in the plural: `patches of the memory bank`
 * @throws INVALID_ARGUMENT
 */
export function assertAtMost(where: string, name: string, value: number, count: number, what: string): void {
  if (value <= count) return
  const expected = `${name} must be at most ${count}, the number of ${what}`
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(value) })
}
