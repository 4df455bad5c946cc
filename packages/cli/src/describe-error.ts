import { constants } from 'node:os'
import { types } from 'node:util'
import { isTabError } from '@tab/core'

/** An error as the terminal shows it. */
export interface DescribedError {
  readonly text: string
  /** Whether it is not a failure that can be expected of data, files or the network, but a defect of tab. */
  readonly isDefect: boolean
}

/**
 * A known error, or one of the operating system however it is wrapped (a full disk met by a native library), in its own words, in one line
 * where they are not ours; an unknown one, which is our defect, with its stack.
 */
export function describeError(error: unknown): DescribedError {
  const known = knownMessage(error)
  if (known !== undefined) return { text: known, isDefect: false }
  return { text: types.isNativeError(error) ? (error.stack ?? error.message) : String(error), isDefect: true }
}

/** What was said of an error and after it, once: `tab: ` before a message that does not begin so itself. */
export function errorLine({ text }: DescribedError): string {
  return /^tab\b/.test(text) ? `${text}\n` : `tab: ${text}\n`
}

const DEPTH = 8 // causes that are looked through

function knownMessage(error: unknown, depth = 0): string | undefined {
  if (isTabError(error)) return error.message
  if (!types.isNativeError(error) || depth > DEPTH) return undefined // not instanceof: of another realm as well
  if (isOfSystem(error)) return oneLine(error.message || String((error as { code?: unknown }).code))
  const inner: unknown = (error as Partial<AggregateError>).errors
  for (const one of [...(Array.isArray(inner) ? (inner as unknown[]) : []), error.cause]) {
    const message = knownMessage(one, depth + 1)
    if (message !== undefined) return message
  }
  return undefined
}

/** By its fields (those of undici are of the network), or, from a native library that has none, by the words of the C library. */
function isOfSystem(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== undefined || code?.startsWith('UND_ERR_') || (code !== undefined && code in constants.errno))
    return true
  return SYSTEM_WORDS.test(error.message)
}

const SYSTEM_WORDS =
  /\b(no space left on device|disk quota exceeded|input\/output error|permission denied|read-only file system|too many open files|file too large|cannot allocate memory|array buffer allocation failed|ENOSPC|EDQUOT|EIO|EACCES|EROFS|EMFILE)\b/i

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ')
}
