import { isTabError } from '@tab/core'

/** A result, or undefined where it is not defined for its input. @throws any other error */
export function whereDefined<T>(compute: () => T): T | undefined {
  try {
    return compute()
  } catch (error) {
    if (!isTabError(error, 'UNDEFINED_RESULT')) throw error
    return undefined
  }
}
