/** What went wrong, as a closed set a caller can branch on. */
export type TabErrorCode =
  | 'INVALID_ARGUMENT' // an argument or option has the wrong type, shape or range
  | 'INVALID_DATA' // the content of bytes, a file or a folder is wrong
  | 'UNDEFINED_RESULT' // the input is well formed but the result is not defined for it
  | 'NOT_FOUND' // a file, folder, layer or name that does not exist
  | 'MISSING_DEPENDENCY' // an optional peer package is not installed
  | 'UNSUPPORTED' // a valid request that this platform or implementation cannot serve
  | 'INCOMPATIBLE' // two parts do not fit together: extractor and detector, schema and reader
  | 'DISPOSED' // used after dispose()
  | 'ABORTED' // the caller's AbortSignal fired
  | 'NUMERICAL' // NaN, infinity or a singular matrix where a finite result was required

/** Fields of a {@link TabError}; `where`, `expected` and `actual` make up its message unless `message` is given. */
export interface TabErrorFields {
  /** The operation that failed, as a caller would write it: `patchCore.predict`. */
  readonly where: string
  /** What was expected, in words: `images must be [N,H,W,3]`. */
  readonly expected?: string
  /** What was found instead, already formatted: `[224,224,3]`. */
  readonly actual?: string
  /** The whole explanation, where "expected, got" does not fit. */
  readonly message?: string
  readonly cause?: unknown
}

const MARKER: unique symbol = Symbol.for('tab.error') as never

/**
 * The one error class of all packages. Recognise it with {@link isTabError}, not `instanceof`: two installed versions of
 * core interoperate.
 * @example
 * ```ts
 * import { TabError } from '@tab/core'
 * const error = new TabError('INVALID_ARGUMENT', { where: 'inspect', expected: 'size must be a whole number', actual: '2.5' })
 * console.log(error.message) // inspect: size must be a whole number, got 2.5
 * ```
 */
export class TabError extends Error {
  override readonly name = 'TabError'
  readonly code: TabErrorCode
  readonly where: string
  readonly expected: string | undefined
  readonly actual: string | undefined

  constructor(code: TabErrorCode, fields: TabErrorFields) {
    const { where, expected, actual, message, cause } = fields
    const text = message ?? [expected, actual === undefined ? undefined : `got ${actual}`].filter(Boolean).join(', ')
    super(shortened(`${where}: ${text}`), cause === undefined ? undefined : { cause })
    this.code = code
    this.where = where
    this.expected = expected
    this.actual = actual
    Object.defineProperty(this, MARKER, { value: true })
  }
}

const LONGEST = 8000

/** A message that people can read, also where a file brings a name or value of megabytes along. */
function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} ... (${text.length} characters)`
}

/**
 * Whether `error` is a TabError of any installed version of core, optionally with the given code.
 * @example
 * ```ts
 * import { isTabError, tensor } from '@tab/core'
 * try {
 *   tensor([2, 2], new Float32Array(3))
 * } catch (error) {
 *   if (!isTabError(error, 'INVALID_ARGUMENT')) throw error
 *   console.log(error.expected, '|', error.actual) // [2,2] needs 4 elements | 3
 * }
 * ```
 */
export function isTabError(error: unknown, code?: TabErrorCode): error is TabError {
  if (typeof error !== 'object' || error === null || !(MARKER in error)) return false
  return code === undefined || (error as { code?: unknown }).code === code
}
