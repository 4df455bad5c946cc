import { setTimeout as wait } from 'node:timers/promises'
import { patience } from '../queue/patience.ts'
import type { JobQueue, JobRecord, JobState } from '../queue/queue.ts'

const LOOK = 500 // milliseconds between two looks
const ENDED: readonly JobState[] = ['completed', 'failed', 'cancelled']
const GONE = 5 // looks without a job, until it counts as removed
const UNATTENDED = 20 // looks without a worker, until that is said

export interface WaitOptions {
  readonly signal: AbortSignal
  readonly onNote?: ((note: string) => void) | undefined
}

/** How a job has ended. */
export type EndedJob = Pick<JobRecord, 'id' | 'state' | 'error'>

/** Jobs as they end, well or not; one that somebody has removed counts as cancelled. */
export async function* endedJobs(
  queue: JobQueue,
  ids: readonly string[],
  { signal, onNote }: WaitOptions,
): AsyncGenerator<EndedJob> {
  const asking = patience(signal, onNote)
  const open = new Set(ids)
  const missed = new Map<string, number>() // looks without a job: who puts one in anew removes it first
  for (let look = 1; open.size > 0; look++) {
    const records = await asking(() => queue.list([...open]))
    const found = new Map(records.map((record) => [record.id, record]))
    for (const id of open) {
      const record = found.get(id)
      missed.set(id, record ? 0 : (missed.get(id) ?? 0) + 1)
      if (record ? !ENDED.includes(record.state) : missed.get(id) !== GONE) continue
      open.delete(id)
      yield record ?? { id, state: 'cancelled', error: null }
    }
    if (look === UNATTENDED && !queue.isEmbedded && (await asking(() => queue.workers())) === 0) {
      onNote?.(`no worker is at ${queue.place} yet; start one with tab worker --jobs-url`)
    }
    if (open.size > 0) await wait(LOOK, undefined, { signal })
  }
}
