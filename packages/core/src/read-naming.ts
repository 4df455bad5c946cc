import { isTabError, TabError } from './errors.ts'

/**
 * Runs a function that reads a file, so that its errors name the file: functions that parse bytes do not know where they come from.
 * @param file the path as the user wrote it, or the flag and the path
 * @throws what `read` throws; a TabError gets `file` as its `where`
 * @example
 * ```ts
 * import { readNaming, readSafetensors } from '@tab/core'
 * try {
 *   readNaming('weights.safetensors', () => readSafetensors(new Uint8Array(0)))
 * } catch (error) {
 *   console.log((error as Error).message) // weights.safetensors: not a safetensors file: it is empty
 * }
 * ```
 */
export function readNaming<T>(file: string, read: () => T): T {
  try {
    const result = read()
    if (result instanceof Promise) return result.catch((error: unknown) => rename(file, error)) as T
    return result
  } catch (error) {
    return rename(file, error)
  }
}

function rename(file: string, error: unknown): never {
  if (!isTabError(error) || error.message.includes(file)) throw error
  const before = `${error.where}: `
  const message = error.message.startsWith(before) ? error.message.slice(before.length) : error.message
  throw new TabError(error.code, { where: file, message, cause: error })
}
