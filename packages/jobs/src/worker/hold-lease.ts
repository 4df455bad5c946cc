import type { JobQueue, LeasedJob } from '../queue/queue.ts'

/** A lease that is renewed from this thread, which computes nothing. */
export interface HeldLease {
  /** Fires when another worker may have the job. */
  readonly lost: AbortSignal
  release(): void
}

/** Renews a lease until it is released or lost. A database that is away loses nothing: what it says when it is back counts. */
export function holdLease(queue: JobQueue, job: LeasedJob): HeldLease {
  const lost = new AbortController()
  let isAsking = false
  const timer = setInterval(
    () => {
      if (isAsking) return
      isAsking = true
      queue
        .renew(job)
        .then((isHeld) => isHeld || lost.abort())
        .catch(() => undefined)
        .finally(() => (isAsking = false))
    },
    (queue.leaseSeconds * 1000) / 4,
  )
  return { lost: lost.signal, release: () => clearInterval(timer) }
}
