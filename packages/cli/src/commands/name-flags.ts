import { isTabError, TabError } from '@tab/core'

/** The flag that an operation's refusal is about. */
const FLAGS: Readonly<Record<string, string>> = { holdOut: '--calibrate', crossCalibrate: '--folds or --calibrate' }

/** Rethrows an error; a refusal of holding out or of cross-fitting with the flag in place of the operation. */
export function nameFlags(error: unknown): never {
  const flag = isTabError(error, 'INVALID_ARGUMENT') ? FLAGS[error.where] : undefined
  if (flag === undefined || !isTabError(error)) throw error
  const message = error.message.replace(`${error.where}: `, '')
  throw new TabError(error.code, { where: flag, message, cause: error })
}
