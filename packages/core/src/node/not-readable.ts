import { TabError } from '../errors.ts'

/**
 * The error for a file that cannot be read: it does not exist, or the reason that the system gives.
 * @param where the field that named the file
 */
export function notReadable(where: string, expected: string, path: string, cause: unknown): TabError {
  const { code, message } = cause as NodeJS.ErrnoException
  const actual = code === 'ENOENT' ? `${path}, which does not exist` : `${path} (${message})`
  return new TabError('NOT_FOUND', { where, expected, actual, cause })
}
