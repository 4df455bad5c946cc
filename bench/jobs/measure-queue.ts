import { openQueue, type Job, type JobQueue } from '@tab/jobs'

/** What a queue costs, in milliseconds. */
export interface QueueCosts {
  /** For each job, put in by the thousand. */
  readonly submit: number
  /** From asking to having a job. */
  readonly take: number
  readonly renew: number
  readonly complete: number
  /** Time of the database for a job that is taken and completed, with eight askers at a time. */
  readonly served: number
}

const JOBS = 2000

/** Measures on jobs that are not computed. */
export async function measureQueue(jobsUrl: string): Promise<QueueCosts> {
  const queues = await Promise.all(Array.from({ length: 8 }, () => openQueue({ jobsUrl, role: 'client' })))
  const [queue] = queues as [JobQueue, ...JobQueue[]]
  const jobs = Array.from({ length: JOBS }, (_, index): Job => {
    const key = index.toString(16).padStart(32, '0')
    return { kind: 'fit', key, title: `job ${index}`, store: '/none', spec: { data: 'a'.repeat(500), output: 'b' } }
  })
  const submit = (await timed(() => queue.submit(jobs, { tag: 'measure' }))) / JOBS
  const own = { take: 0, renew: 0, complete: 0 }
  const alone = JOBS / 4
  for (let i = 0; i < alone; i++) {
    let job: Awaited<ReturnType<JobQueue['take']>>
    own.take += (await timed(async () => (job = await queue.take(['measure'])))) / alone
    if (!job) throw new Error('a job is lost')
    const leased = job
    own.renew += (await timed(() => queue.renew(leased))) / alone
    own.complete += (await timed(() => queue.complete(leased))) / alone
  }
  let taken = 0
  const together = await timed(() =>
    Promise.all(
      queues.map(async (each) => {
        for (let job = await each.take(['measure']); job; job = await each.take(['measure'])) {
          await each.complete(job)
          taken++
        }
      }),
    ),
  )
  if (taken !== JOBS - alone) throw new Error(`${taken} jobs were taken of ${JOBS - alone}`)
  await Promise.all(queues.map((each) => each.close()))
  return { submit, ...own, served: together / taken }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}
