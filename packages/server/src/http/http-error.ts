import { isTabError, type TabErrorCode } from '@tab/core'

/** An answer that is not the one that was asked for. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const STATUS: Partial<Record<TabErrorCode, number>> = {
  NOT_FOUND: 404,
  INVALID_ARGUMENT: 400,
  INVALID_DATA: 422,
  NUMERICAL: 422,
  UNDEFINED_RESULT: 422,
  INCOMPATIBLE: 409,
}

/** What a client is told of an error: what it did wrong, and of everything else only that it happened. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (isTabError(error)) {
    const status = STATUS[error.code]
    if (status !== undefined) return new HttpError(status, error.code, error.message)
    if (error.code === 'UNSUPPORTED') return new HttpError(503, 'UNAVAILABLE', error.message, { 'retry-after': '1' })
  }
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpError(statusCode, code ?? 'BAD_REQUEST', message ?? 'bad request')
  }
  return new HttpError(500, 'INTERNAL', 'a defect of the server; its log says more')
}

/** Beyond the bounds of a queue: at once, with when to come again. */
export function busy(what: string): HttpError {
  return new HttpError(503, 'BUSY', what, { 'retry-after': '1' })
}
