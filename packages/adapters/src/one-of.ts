import { TabError } from '@tab/core'

/**
 * Checks a setting that must be one of a few words.
 * @throws INVALID_ARGUMENT
 */
export function oneOf<T extends string>(where: string, name: string, value: T, known: readonly T[]): T {
  if (known.includes(value)) return value
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: `${name} among ${known.join(', ')}`,
    actual: String(value),
  })
}
