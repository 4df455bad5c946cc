// The only file that knows the engine: another one stands here by the same interface.
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { TabError } from '@tab/core'
import { acquireLock, LockHeld, notReadable, type FileLock } from '@tab/core/node'
import { fromPglite, PgBoss, type CommandResponse, type ConstructorOptions } from 'pg-boss'
import type { Job } from '../job.ts'
import { VERSION } from '../version.ts'
import { databaseError } from './database-error.ts'
import { placeOf, type QueuePlace } from './place.ts'
import type { JobQueue, JobRecord, JobState, LeasedJob, SubmitOptions } from './queue.ts'

export interface OpenQueueOptions {
  /** `postgres://USER:PASSWORD@HOST/DATABASE`, or a folder for an embedded queue that one process at a time can open. */
  readonly jobsUrl: string
  /** What this process does; only workers count as such. */
  readonly role: 'client' | 'worker'
  /** Bring tables of an earlier version up to date. Default false: they are refused. */
  readonly upgrade?: boolean | undefined
  /** What goes wrong in the background, such as a database that is away. */
  readonly onTrouble?: ((error: Error) => void) | undefined
}

const SCHEMA = 'tab_jobs'
const LEASE = 10 // seconds, the shortest of the engine: what a killed worker's job waits
const LOOK = 2 // seconds between two looks for leases that ran out
const ATTEMPTS = 10 // further ones: a worker that is killed uses one up, as does a file that cannot be read
const LONGEST = 86_399 // seconds, the engine's limit: a lease that is renewed says more
const KEPT = 30 * 86_400 // seconds that an ended job is listed
const SHARE = 1000 // jobs in one statement

/** Of this version; another version neither sees nor takes them. */
const PREFIX = 'tab-'
const nameOf = (tag: string | undefined, version: string): string => `${PREFIX}${version}${tag ? `/${tag}` : ''}`

/**
 * Opens a queue, and makes its tables where there are none.
 * @param version of tab; a worker is refused where only jobs of others wait
 * @throws INVALID_ARGUMENT for a wrong password, NOT_FOUND where nothing answers, INCOMPATIBLE for tables of another version or a folder that is in use
 * @example
 * ```ts
 * import { openQueue } from '@tab/jobs'
 *
 * const queue = await openQueue({ jobsUrl: 'jobs', role: 'client' }) // or postgres://...
 * console.log((await queue.list()).filter(({ state }) => state === 'active')) // []
 * await queue.close()
 * ```
 */
export async function openQueue(options: OpenQueueOptions, version: string = VERSION): Promise<JobQueue> {
  const place = placeOf(options.jobsUrl)
  const opened = await connect(place, options)
  const { boss, close } = opened
  try {
    if (options.role === 'worker') await refuseOthers(boss, place, version)
  } catch (error) {
    await close()
    throw databaseError(place.text, error)
  }
  const known = new Set<string>()

  async function ensure(name: string): Promise<void> {
    if (known.has(name)) return
    const limits = { heartbeatSeconds: LEASE, expireInSeconds: LONGEST }
    await boss.createQueue(name, { ...limits, retryLimit: ATTEMPTS, retryDelay: 0, deleteAfterSeconds: KEPT })
    known.add(name)
  }

  const sql = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await boss.getDb().executeSql(text, [...values])).rows as Row[]

  /** Does something with the jobs of some ids that are in some states, queue by queue. */
  async function each(
    ids: readonly string[],
    states: readonly JobState[],
    act: (name: string, ids: string[]) => Promise<CommandResponse>,
  ): Promise<number> {
    const text = `select name, array_agg(id::text) as ids from ${SCHEMA}.job where id = any($1::uuid[]) and state::text = any($2::text[]) group by name`
    let affected = 0
    for (const { name, ids: own } of await sql<{ name: string; ids: string[] }>(text, [ids, states])) {
      affected += affectedBy(await act(name, own))
    }
    return affected
  }

  return {
    isEmbedded: place.kind === 'folder',
    place: place.text,
    leaseSeconds: LEASE,
    async submit(jobs, { tag, priority = 0 }: SubmitOptions = {}) {
      const name = nameOf(tag, version)
      await ensure(name)
      const ids = jobs.map((job) => idOf(job, name))
      await each(ids, ['completed', 'cancelled', 'failed'], (own, ended) => boss.deleteJob(own, ended))
      const rows = jobs.map((job, index) => ({ id: ids[index] as string, data: dataOf(job), priority }))
      for (let at = 0; at < rows.length; at += SHARE) await boss.insert(name, rows.slice(at, at + SHARE))
      return ids
    },
    async list(ids) {
      const where = ids ? 'id = any($1::uuid[])' : `name like '${PREFIX}%'`
      const text = `select id, name, data->>'kind' as kind, data->>'title' as title, state::text, retry_count, created_on, started_on,
        completed_on, output from ${SCHEMA}.job where ${where} order by created_on, id`
      return (await sql<JobRow>(text, ids ? [ids] : [])).map(recordOf)
    },
    async take(tags) {
      for (const tag of [...tags, undefined]) {
        const queue = nameOf(tag, version)
        await ensure(queue)
        const [job] = await boss.fetch<JobData>(queue, { includeMetadata: true })
        if (job) return { id: job.id, data: JSON.parse(job.data.text), attempt: job.retryCount, queue }
      }
      return undefined
    },
    renew: async (job) => affectedBy(await boss.touch(job.queue, attemptOf(job))) > 0,
    complete: async (job) => affectedBy(await boss.complete(job.queue, attemptOf(job))) > 0,
    async fail(job, reason) {
      await boss.fail(job.queue, attemptOf(job), { message: reason })
    },
    cancel: (ids) => each(ids, ['created', 'retry', 'active'], (name, own) => boss.cancel(name, own)),
    async retry(ids) {
      const failed = await each(ids, ['failed'], (name, own) => boss.retry(name, own))
      return failed + (await each(ids, ['cancelled'], (name, own) => boss.resume(name, own)))
    },
    workers: async () =>
      (await boss.getInstances()).filter(({ name, live }) => live && name === INSTANCE.worker).length,
    close,
  }
}

const INSTANCE = { client: 'tab client', worker: 'tab worker' } as const

/** Of the job as text: PostgreSQL gives the fields of JSON in another order, and a key is a digest of them in theirs. */
interface JobData {
  readonly kind: Job['kind']
  readonly title: string
  readonly text: string
}

function dataOf(job: Job): JobData {
  return { kind: job.kind, title: job.title, text: JSON.stringify(job) }
}

interface JobRow {
  readonly id: string
  readonly name: string
  readonly kind: Job['kind']
  readonly title: string
  readonly state: JobState
  readonly retry_count: number
  readonly created_on: Date
  readonly started_on: Date | null
  readonly completed_on: Date | null
  readonly output: { readonly message?: string; readonly value?: { readonly message?: string } } | null
}

function recordOf(row: JobRow): JobRecord {
  const [version = '', tag = null] = row.name.slice(PREFIX.length).split('/')
  const { id, kind, title, state, retry_count: lost, output } = row
  const error = state === 'completed' ? null : (output?.message ?? output?.value?.message ?? null)
  const times = { createdAt: row.created_on, startedAt: row.started_on, endedAt: row.completed_on }
  return { id, kind, title, state, lost, tag, version, ...times, error }
}

/** The same job has the same id, so that the database keeps it from being put in twice. */
function idOf({ kind, key, store }: Job, queue: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([queue, kind, key, store]))
    .digest('hex')
  // The form of a UUID of version 8, whose bits are the maker's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Names the attempt, so that one whose lease is lost changes nothing. */
function attemptOf({ id, attempt }: LeasedJob): { id: string; retryCount: number } {
  return { id, retryCount: attempt }
}

/** How many jobs a command has changed, which the engine's types leave out. */
function affectedBy(response: CommandResponse): number {
  return (response as { readonly affected: number }).affected
}

interface Connection {
  readonly boss: PgBoss
  close(): Promise<void>
}

async function connect(place: QueuePlace, options: OpenQueueOptions): Promise<Connection> {
  const database = place.kind === 'folder' ? await embedded(place.folder) : undefined
  const make = async (migrate: boolean): Promise<PgBoss> => {
    const settings: ConstructorOptions = {
      schema: SCHEMA,
      migrate,
      schedule: false,
      openTelemetry: { enabled: false },
      instanceName: INSTANCE[options.role],
      superviseIntervalSeconds: LOOK,
      monitorIntervalSeconds: LOOK,
      ...(database
        ? { db: fromPglite(database.lite), backend: 'pglite' }
        : { connectionString: (place as { url: string }).url, max: 2 }), // as each worker of a hundred has its own
    }
    const boss = new PgBoss(settings)
    boss.on('error', (error) => options.onTrouble?.(error))
    try {
      return await boss.start()
    } catch (error) {
      const version = migrate ? null : await boss.schemaVersion().catch(() => null)
      await boss.stop({ graceful: false }).catch(() => undefined)
      if (version !== null) throw otherSchema(place.text, version)
      if (!migrate && /not installed/.test((error as Error).message)) return make(true)
      throw error
    }
  }
  try {
    const boss = await make(options.upgrade ?? false)
    return {
      boss,
      async close() {
        await boss.stop({ graceful: false }).catch(() => undefined)
        await database?.close()
      },
    }
  } catch (error) {
    await database?.close()
    throw databaseError(place.text, error)
  }
}

function otherSchema(place: string, version: number): TabError {
  return new TabError('INCOMPATIBLE', {
    where: 'spec.jobsUrl',
    message: `the tables of the queue at ${place} are of another version (${version}); with a newer tab, stop its workers and run tab jobs upgrade`,
  })
}

/** The database of a folder, for one process alone. */
async function embedded(folder: string): Promise<{ lite: PGlite; close(): Promise<void> }> {
  const lock = await hold(folder)
  try {
    const lite = await PGlite.create(join(folder, 'database'))
    return {
      lite,
      async close() {
        await lite.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function hold(folder: string): Promise<FileLock> {
  const where = 'spec.jobsUrl'
  try {
    await mkdir(folder, { recursive: true })
    return await acquireLock(join(folder, 'jobs.lock'))
  } catch (cause) {
    if (!(cause instanceof LockHeld)) throw notReadable(where, 'a folder that can be written', folder, cause)
    const message = `${cause.message}; a queue in a folder is of one process, several need PostgreSQL`
    throw new TabError('INCOMPATIBLE', { where, message, cause })
  }
}

/** Refuses a worker where all that waits is for workers of another version. */
async function refuseOthers(boss: PgBoss, { text }: QueuePlace, version: string): Promise<void> {
  const statement = `select distinct split_part(substr(name, ${PREFIX.length + 1}), '/', 1) as version from ${SCHEMA}.job
    where name like '${PREFIX}%' and state::text in ('created', 'retry', 'active')`
  const rows = (await boss.getDb().executeSql(statement)).rows as { version: string }[]
  const waiting = rows.map((row) => row.version).sort()
  if (waiting.length === 0 || waiting.includes(version)) return
  throw new TabError('INCOMPATIBLE', {
    where: `the jobs at ${text}`,
    expected: `a worker of tab ${waiting.join(' or ')}`,
    actual: version,
  })
}
