import type { Job } from '../job.ts'

/** `created` waits, `retry` waits after an attempt that failed or died. */
export type JobState = 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed'

/** What the queue knows of a job. */
export interface JobRecord {
  readonly id: string
  readonly kind: Job['kind']
  readonly title: string
  readonly state: JobState
  /** Attempts that were begun and did not end well. */
  readonly lost: number
  /** What a worker must have; null for nothing. */
  readonly tag: string | null
  /** Version of tab that put it here. */
  readonly version: string
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  /** Of the last attempt that failed; null where none did. */
  readonly error: string | null
}

/** A job that this worker has leased. */
export interface LeasedJob {
  readonly id: string
  /** As it came, unchecked. */
  readonly data: unknown
  /** Number of the attempt, from 0: only its holder can renew or end it. */
  readonly attempt: number
  readonly queue: string
}

export interface SubmitOptions {
  /** Only workers with this tag take them. Default: any. */
  readonly tag?: string | undefined
  /** Higher ones first. Default 0. */
  readonly priority?: number | undefined
}

/**
 * What a queue of jobs does; `pg-boss-queue.ts` does it with PostgreSQL. All methods but `close` throw where the database cannot be reached;
 * the next call finds it again.
 */
export interface JobQueue {
  /** Whether no other process can reach it, so that who submits must also work. */
  readonly isEmbedded: boolean
  /** What people call it: the host and the database, without a password, or the folder. */
  readonly place: string
  /** Seconds that a lease lasts without being renewed. */
  readonly leaseSeconds: number
  /**
   * Puts jobs in. One that is in already is not put in twice: it is begun anew where it had failed, was cancelled or has no result any more.
   * @returns their ids, in the order of the jobs
   */
  submit(jobs: readonly Job[], options?: SubmitOptions): Promise<readonly string[]>
  /** Of some ids, or of all jobs, oldest first. */
  list(ids?: readonly string[]): Promise<readonly JobRecord[]>
  /** Leases the next job for a worker with these tags. */
  take(tags: readonly string[]): Promise<LeasedJob | undefined>
  /** @returns false where the lease is lost: the job was cancelled, or another worker has it */
  renew(job: LeasedJob): Promise<boolean>
  /** @returns false where the lease is lost */
  complete(job: LeasedJob): Promise<boolean>
  /** Gives a job back with the reason; it fails for good when its attempts are used up. */
  fail(job: LeasedJob, reason: string): Promise<void>
  /** Jobs that wait or run are taken out. @returns how many */
  cancel(ids: readonly string[]): Promise<number>
  /** Jobs that failed or were cancelled wait once more. @returns how many */
  retry(ids: readonly string[]): Promise<number>
  /** How many workers have given a sign of life. */
  workers(): Promise<number>
  close(): Promise<void>
}
