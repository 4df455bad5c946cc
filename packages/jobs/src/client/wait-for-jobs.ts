import { setTimeout as wait } from 'node:timers/promises'
import { patience } from '../queue/patience.ts'
import type { JobQueue, JobRecord } from '../queue/queue.ts'

const LOOK = 500 // milliseconds between two looks
const UNATTENDED = 20 // looks without a worker, until that is said

export interface WaitOptions {
  readonly signal: AbortSignal
  readonly onNote?: ((note: string) => void) | undefined
}

/** Jobs as they end, well or not. */
export async function* endedJobs(
  queue: JobQueue,
  ids: readonly string[],
  { signal, onNote }: WaitOptions,
): AsyncGenerator<JobRecord> {
  const asking = patience(signal, onNote)
  const open = new Set(ids)
  for (let look = 1; open.size > 0; look++) {
    const records = await asking(() => queue.list([...open]))
    const found = new Map(records.map((record) => [record.id, record]))
    for (const id of open) {
      const record = found.get(id)
      if (record && !['completed', 'failed', 'cancelled'].includes(record.state)) continue
      open.delete(id)
      if (record) yield record
    }
    if (look === UNATTENDED && !queue.isEmbedded && (await asking(() => queue.workers())) === 0) {
      onNote?.(`no worker is at ${queue.place} yet; start one with tab worker --jobs-url`)
    }
    if (open.size > 0) await wait(LOOK, undefined, { signal })
  }
}
