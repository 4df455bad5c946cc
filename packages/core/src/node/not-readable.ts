import { TabError } from '../errors.ts'

/**
 * The error for a file that cannot be read: it does not exist, or the reason that the system gives.
 * @param where the field that named the file
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { notReadable } from '@tab/core/node'
 * const reading = readFile('none.onnx').catch((cause) => notReadable('backbone', 'a readable file', 'none.onnx', cause))
 * console.log(String(await reading)) // TabError: backbone: a readable file, got none.onnx, which does not exist
 * ```
 */
export function notReadable(where: string, expected: string, path: string, cause: unknown): TabError {
  const { code, message } = cause as NodeJS.ErrnoException
  const actual = code === 'ENOENT' ? `${path}, which does not exist` : `${path} (${message})`
  return new TabError('NOT_FOUND', { where, expected, actual, cause })
}
