// The thread of a fit: fits what it is started with, says how it went, and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { isTabError, type TabErrorCode } from '@tab/core'
import type { FitSpec } from '@tab/pipeline'
import { fit } from '@tab/pipeline/node'

export interface FitAnswer {
  readonly error?: { readonly code: TabErrorCode; readonly where: string; readonly message: string }
}

const answer: FitAnswer = await fit(workerData as FitSpec).then(
  () => ({}),
  (error: unknown) => ({ error: described(error) }),
)
parentPort?.postMessage(answer)

function described(error: unknown): NonNullable<FitAnswer['error']> {
  if (!isTabError(error)) return { code: 'UNSUPPORTED', where: 'fit', message: String(error) }
  const { code, where, message } = error
  return { code, where, message: message.slice(where.length + 2) }
}
