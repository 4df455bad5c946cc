import { isTabError, TabError, type TabErrorCode } from '@tab/core'

/** What PostgreSQL and the network say, by code. */
const KNOWN: Readonly<Record<string, readonly [TabErrorCode, string]>> = {
  '28P01': ['INVALID_ARGUMENT', 'refuses the user or the password'],
  '28000': ['INVALID_ARGUMENT', 'refuses the user'],
  '3D000': ['NOT_FOUND', 'has no such database'],
  '42501': ['INVALID_ARGUMENT', 'does not let this user make or use the tables of the queue'],
  '53300': ['UNSUPPORTED', 'has no connection left; raise its max_connections'],
  ECONNREFUSED: ['NOT_FOUND', 'does not answer: nothing listens there'],
  ENOTFOUND: ['NOT_FOUND', 'does not answer: there is no such host'],
  EAI_AGAIN: ['NOT_FOUND', 'does not answer: its host cannot be looked up'],
  ETIMEDOUT: ['NOT_FOUND', 'does not answer in time'],
}

/** Classes of SQLSTATE (connection, resources, shutdown) and codes of the network. */
const AWAY = /^(08|53|57)|^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)/
const CUT = /connection (terminated|ended|error)|timeout exceeded|connect timed out/i // of the driver, without a code

/** Whether a database is away for now: asked again, it may answer. */
export function isAway(error: unknown): boolean {
  const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string }
  return AWAY.test(code) || CUT.test(message)
}

/** An error of a queue as people can act on it; one that says nothing known keeps its words. */
export function databaseError(place: string, error: unknown): TabError {
  if (isTabError(error)) return error
  const { code = '', message } = error as { readonly code?: string; readonly message: string }
  const [kind, text] = KNOWN[code] ?? ['UNSUPPORTED', message]
  return new TabError(kind, { where: 'spec.jobsUrl', message: `${place} ${text}`, cause: error })
}
