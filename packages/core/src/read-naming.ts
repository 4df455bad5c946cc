import { isTabError, TabError } from './errors.ts'

/**
 * Reads what a file holds, so that an error says which file it was: the functions that parse bytes do not know where these are from.
 * @param file its path, as the user wrote it, or the flag and the path
 * @throws what `read` throws; a TabError with `file` for `where`
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
