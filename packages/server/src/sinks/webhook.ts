import { createHmac } from 'node:crypto'
import { Refused, type Sink } from './sink.ts'
import type { WebhookSpec } from './sink-spec.ts'

const LONGEST = 10_000 // ms of one attempt
/** Statuses that pass: too early, too many, a timeout. All others below 500 say that the request is wrong. */
const TRY_AGAIN = [408, 425, 429]

/** A POST for each result. The id of the result, in `idempotency-key`, tells a second attempt from a second result. */
export function webhook({ url, secret }: WebhookSpec): Sink {
  const { host, pathname } = new URL(url)
  return {
    name: `webhook ${host}${pathname}`,
    async send(result) {
      const body = JSON.stringify(result)
      const signature = secret && createHmac('sha256', secret).update(body).digest('hex')
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': result.id,
          ...(signature ? { 'x-tab-signature': `sha256=${signature}` } : {}),
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(LONGEST),
      })
      await answer.body?.cancel()
      if (answer.ok) return
      const message = `it answered ${answer.status}`
      if (answer.status < 500 && !TRY_AGAIN.includes(answer.status)) throw new Refused(message)
      throw new Error(message)
    },
    close: async () => undefined,
  }
}
