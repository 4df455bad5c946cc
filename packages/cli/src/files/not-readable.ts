import { TabError } from '@tab/core'

/**
 * The error for a file that cannot be read: whether it does not exist, or why it is not readable.
 * @param where the flag that named it
 */
export function notReadable(where: string, expected: string, path: string, cause: unknown): TabError {
  const { code, message } = cause as NodeJS.ErrnoException
  const actual = code === 'ENOENT' ? `${path}, which does not exist` : `${path} (${message})`
  return new TabError('NOT_FOUND', { where, expected, actual, cause })
}
