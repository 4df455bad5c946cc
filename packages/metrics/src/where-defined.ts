import { isTabError } from '@tab/core'

/**
 * What `compute` gives, or undefined where it is not defined for its input (the error code UNDEFINED_RESULT).
 * @param onUndefined is told why
 * @throws any other error
 * @example
 * ```ts
 * import { auroc, whereDefined } from '@tab/metrics'
 * console.log(whereDefined(() => auroc([1, 2], [0, 0]))) // undefined
 * ```
 */
export function whereDefined<T>(compute: () => T, onUndefined?: (reason: string) => void): T | undefined {
  try {
    return compute()
  } catch (error) {
    if (!isTabError(error, 'UNDEFINED_RESULT')) throw error
    onUndefined?.(error.message)
    return undefined
  }
}
