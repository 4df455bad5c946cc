/** What went wrong, as a closed set a caller can branch on. */
export type TabErrorCode =
  | 'INVALID_ARGUMENT' // an argument or option has the wrong type, shape or range
  | 'INVALID_DATA' // bytes, files or folders that do not hold what they should
  | 'UNDEFINED_RESULT' // the input is well formed but the result is not defined for it
  | 'NOT_FOUND' // a file, folder, layer or name that does not exist
  | 'MISSING_DEPENDENCY' // an optional peer package is not installed
  | 'UNSUPPORTED' // a valid request that this platform or implementation cannot serve
  | 'INCOMPATIBLE' // two parts that do not fit each other: extractor and detector, schema and reader
  | 'DISPOSED' // used after dispose()
  | 'ABORTED' // the caller's AbortSignal fired
  | 'NUMERICAL' // NaN, infinity or a singular matrix where a finite result was required

/** Fields of a {@link TabError}; `where`, `expected` and `actual` make up its message unless `message` is given. */
export interface TabErrorFields {
  /** The operation that refused, as a caller would write it: `patchCore.predict`. */
  readonly where: string
  /** What was expected, in words: `images must be [N,H,W,3]`. */
  readonly expected?: string
  /** What came instead, already formatted: `[224,224,3]`. */
  readonly actual?: string
  /** The whole explanation, where "expected, got" does not fit. */
  readonly message?: string
  readonly cause?: unknown
}

const MARKER: unique symbol = Symbol.for('tab.error') as never

/**
 * The one error class of all packages. Recognise it with {@link isTabError}, not `instanceof`: two installed versions of
 * core interoperate.
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
    super(`${where}: ${text}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.where = where
    this.expected = expected
    this.actual = actual
    Object.defineProperty(this, MARKER, { value: true })
  }
}

/** Whether `error` is a TabError of any installed version of core, optionally with the given code. */
export function isTabError(error: unknown, code?: TabErrorCode): error is TabError {
  if (typeof error !== 'object' || error === null || !(MARKER in error)) return false
  return code === undefined || (error as { code?: unknown }).code === code
}
