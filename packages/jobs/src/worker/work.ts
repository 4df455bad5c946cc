import { setTimeout as wait } from 'node:timers/promises'
import { availableParallelism } from 'node:os'
import { isTabError, type LongTaskOptions } from '@tab/core'
import { parseSpec } from '@tab/pipeline'
import { JOB } from '../job.ts'
import { patience } from '../queue/patience.ts'
import type { JobQueue, LeasedJob } from '../queue/queue.ts'
import { holdLease } from './hold-lease.ts'
import { openJobComputer, type JobComputer } from './job-computer.ts'

export interface WorkOptions {
  /** Jobs at a time, each in a thread. Default 1. */
  readonly slots?: number | undefined
  /** Kinds of work that only some machines take, such as `gpu`. */
  readonly tags?: readonly string[] | undefined
  /** Threads of ONNX Runtime, all slots together. Default: as many as the machine has cores. */
  readonly threads?: number | undefined
  /** Folder for features on this machine. Default: in the store of each job. */
  readonly cache?: string | undefined
  /** End when no job waits, instead of waiting for the next. Default false. */
  readonly drain?: boolean | undefined
}

/** What happened to a job: `kept` where its result was there already, `lost` where another worker may have it. */
export interface JobEvent {
  readonly event: 'started' | 'done' | 'kept' | 'failed' | 'lost'
  readonly id: string
  readonly title: string
  /** Of this attempt, so far. */
  readonly seconds: number
  readonly error?: string
}

export interface WorkTask extends Pick<LongTaskOptions, 'signal'> {
  readonly onEvent?: ((event: JobEvent) => void) | undefined
  readonly onNote?: ((note: string) => void) | undefined
}

const IDLE = 500 // milliseconds between two looks at a queue that has nothing
const FAILURES = 3 // in a row: this machine is broken, and would use up the attempts of every job

/**
 * Works off a queue until it is stopped. Computing is for threads: this one renews the leases.
 * @returns how many jobs it computed
 * @throws INCOMPATIBLE where this machine has other data than a job was planned with, and what failed three times in a row: the jobs are given back
 * to others
 * @example
 * ```ts
 * import { openQueue, work } from '@tab/jobs'
 *
 * const queue = await openQueue({ jobsUrl: 'jobs', role: 'worker' })
 * console.log(await work(queue, { drain: true })) // 0
 * await queue.close()
 * ```
 */
export async function work(queue: JobQueue, options: WorkOptions, task: WorkTask = {}): Promise<number> {
  const { slots = 1, tags = [], threads = availableParallelism(), cache, drain = false } = options
  const stopped = new AbortController()
  const signal = AbortSignal.any([stopped.signal, ...(task.signal ? [task.signal] : [])])
  const asking = patience(signal, task.onNote)
  let failures = 0
  let computed = 0

  async function handle(leased: LeasedJob, computer: JobComputer): Promise<void> {
    const begun = performance.now()
    const { id } = leased
    const { title = id } = leased.data as { title?: string }
    const tell = (event: JobEvent['event'], error?: string): void =>
      task.onEvent?.({ event, id, title, seconds: (performance.now() - begun) / 1000, ...(error ? { error } : {}) })
    tell('started')
    const lease = holdLease(queue, leased)
    try {
      const job = parseSpec(JOB, leased.data, `job ${id}`)
      const isNew = await computer.run(job, { signal: AbortSignal.any([signal, lease.lost]) })
      const isHeld = await asking(() => queue.complete(leased))
      if (isNew) computed++
      failures = 0
      tell(isHeld ? (isNew ? 'done' : 'kept') : 'lost')
    } catch (error) {
      if (lease.lost.aborted) return tell('lost')
      const reason = signal.aborted ? 'the worker was stopped' : (error as Error).message
      tell('failed', reason)
      // Once, where it is stopped: then the job waits for its lease to run out.
      await (signal.aborted
        ? queue.fail(leased, reason).catch(() => undefined)
        : asking(() => queue.fail(leased, reason)))
      if (signal.aborted) return
      if (isTabError(error, 'INCOMPATIBLE') || ++failures >= FAILURES) throw error
    } finally {
      lease.release()
    }
  }

  async function slot(): Promise<void> {
    const computer = openJobComputer({ cache, threads: Math.max(1, Math.floor(threads / slots)) })
    try {
      while (!signal.aborted) {
        const job = await asking(() => queue.take(tags))
        if (job) await handle(job, computer)
        else if (drain) return
        else await wait(IDLE, undefined, { signal })
      }
    } catch (error) {
      stopped.abort()
      if (!task.signal?.aborted && (error as Error).name !== 'AbortError') throw error
    } finally {
      await computer.stop()
    }
  }

  const ends = await Promise.allSettled(Array.from({ length: slots }, slot))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  return computed
}
