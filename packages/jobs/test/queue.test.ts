import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { writeSyntheticDataset } from '@tab/data/node'
import type { Cell } from '@tab/pipeline/node'
import { CELL_SCHEMA, type CellRow } from '@tab/pipeline/results'
import { computeByJobs, work, type CellTask, type Job, type JobEvent, type JobQueue } from '../src/index.ts'
import { openQueue } from '../src/queue/pg-boss-queue.ts'
import type { LeasedJob } from '../src/queue/queue.ts'
import { writeRow } from '../src/store/result-store.ts'
import { VERSION } from '../src/version.ts'
import { postgresFolder, startPostgres, type Postgres } from '../../../test/postgres.ts'

const bin = postgresFolder()
const inPostgres = bin
  ? describe
  : (name: string, _: () => void): void => describe.skip(`${name} (no PostgreSQL of Debian)`, () => undefined)

inPostgres('a queue in PostgreSQL', () => {
  let postgres: Postgres
  let folder: string
  let queue: JobQueue
  const opened: JobQueue[] = []

  /** Closed after the test. */
  async function open(role: 'client' | 'worker', version?: string): Promise<JobQueue> {
    const made = await openQueue({ jobsUrl: postgres.url, role }, version)
    opened.push(made)
    return made
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tab-queue-'))
    postgres = await startPostgres(bin as string)
    queue = await openQueue({ jobsUrl: postgres.url, role: 'client' })
  }, 120_000)
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close()
    postgres.sql('delete from tab_jobs.job')
  })
  afterAll(async () => {
    await queue.close()
    await postgres.stop()
    await rm(folder, { recursive: true })
  })

  const fit = (digit: number): Job => {
    const spec = { data: '/nowhere', output: 'x.safetensors' }
    return { kind: 'fit', key: String(digit).repeat(32), title: `fit ${digit}`, store: folder, spec }
  }

  const taken = async (from: JobQueue, tags: readonly string[] = []): Promise<LeasedJob> => {
    const job = await from.take(tags)
    if (!job) throw new Error('nothing was taken')
    return job
  }

  const states = async (): Promise<string[]> => (await queue.list()).map(({ title, state }) => `${title} ${state}`)

  test('a wrong password, and tables of another version, are refused in a sentence', async () => {
    const wrong = openQueue({ jobsUrl: postgres.url.replace('secret', 'other'), role: 'client' })
    await expect(wrong).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^spec\.jobsUrl: 127\.0\.0\.1:\d+\/postgres refuses the user or the password$/),
    })
    postgres.sql('update tab_jobs.version set version = version - 1')
    try {
      await expect(open('worker')).rejects.toMatchObject({
        code: 'INCOMPATIBLE',
        message: expect.stringContaining('of another version'),
      })
    } finally {
      postgres.sql('update tab_jobs.version set version = version + 1')
    }
    for (const jobsUrl of ['mysql://user:secret@host/db', 'postgres://[']) {
      const refused = openQueue({ jobsUrl, role: 'client' })
      await expect(refused).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.not.stringContaining('secret'),
      })
    }
  })

  test('a worker of another version is refused by name, and takes nothing', async () => {
    const worker = await open('worker') // while nothing waits
    const other = await open('client', '9.9.9-9.9.9')
    await other.submit([fit(1)])
    expect(await worker.take([])).toBeUndefined()
    await expect(open('worker')).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringMatching(`a worker of tab 9.9.9-9.9.9, got ${VERSION}$`),
    })
    await queue.submit([fit(2)])
    expect((await taken(await open('worker'))).data).toEqual(fit(2))
  })

  test('a job is put in once, by priority, and goes to who has its tag', async () => {
    const [first] = await queue.submit([fit(1)])
    expect(await queue.submit([fit(1), fit(2)])).toEqual([first, expect.any(String)])
    await queue.submit([fit(3)], { priority: 5 })
    await queue.submit([fit(4)], { tag: 'gpu' })
    const order = [await taken(queue), await taken(queue), await taken(queue)].map(({ data }) => (data as Job).title)
    expect(order).toEqual(['fit 3', 'fit 1', 'fit 2'])
    expect(await queue.take(['cpu'])).toBeUndefined()
    expect((await taken(queue, ['cpu', 'gpu'])).data).toEqual(fit(4))
  })

  test('who has lost its lease changes nothing; the next attempt does', async () => {
    const [id = ''] = await queue.submit([fit(1)])
    const first = await taken(queue)
    expect(await queue.renew(first)).toBe(true)
    expect(await queue.take([])).toBeUndefined()
    postgres.sql(`update tab_jobs.job set heartbeat_on = now() - interval '1 minute'`) // as after a minute without one
    let second: LeasedJob | undefined
    while (!second) second = await queue.take([])
    expect([second.id, second.attempt]).toEqual([id, 1])
    expect([await queue.renew(first), await queue.complete(first)]).toEqual([false, false])
    expect(await states()).toEqual(['fit 1 active'])
    expect(await queue.complete(second)).toBe(true)
    expect(await queue.list([id])).toMatchObject([{ state: 'completed', lost: 1, error: null }])
  })

  test('what is cancelled ends its lease, and waits again when it is retried or put in', async () => {
    const [id = ''] = await queue.submit([fit(1)])
    const job = await taken(queue)
    expect(await queue.cancel([id])).toBe(1)
    expect([await queue.renew(job), await queue.take([])]).toEqual([false, undefined])
    expect(await queue.retry([id])).toBe(1)
    expect(await states()).toEqual(['fit 1 created'])
    await queue.cancel([id])
    await queue.submit([fit(1)])
    expect((await taken(queue)).attempt).toBe(0)
  })

  test('a worker with other data than a job was planned with says so, gives it back and ends', async () => {
    const path = join(folder, 'washers')
    await writeSyntheticDataset(path, { part: 'washer', seed: 1, size: [32, 32], train: 2, good: 1, perDefect: 1 })
    const cell: Cell = {
      name: { dataset: 'washers', category: '', backbone: 'random', detector: 'padim', shots: 'full', seed: 0 },
      path,
      layout: undefined,
      backbone: { name: 'random', random: 'resnet18' },
      detector: { method: 'padim' },
      layers: ['layer1'],
      imageSize: [32, 32],
      crop: undefined,
      batchSize: 1,
    }
    const key = 'd'.repeat(32)
    await queue.submit([{ kind: 'evaluate-cell', key, title: 'a cell', store: folder, cell, isCached: false }])
    await expect(work(queue, { drain: true })).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringMatching(new RegExp(`washers, random.*${key}.*images, masks, weights`)),
    })
    expect(await queue.list()).toMatchObject([{ state: 'retry', error: expect.stringContaining(key) }])
  })

  test('a benchmark by jobs takes what the store has, waits for the rest, and names what was cancelled', async () => {
    const name = { dataset: 'd', category: '', backbone: 'b', detector: 'padim', shots: 1, seed: 0 } as const
    const backbone = { name: 'b', random: 'resnet18' } as const
    const size = { imageSize: [32, 32], crop: undefined, batchSize: 1, layers: [], layout: undefined } as const
    const cell: Cell = { name, path: '/d', backbone, detector: { method: 'padim' }, ...size }
    const keys = ['a', 'b', 'c'].map((letter) => letter.repeat(32))
    const row = (key: string): CellRow => {
      return { schema: CELL_SCHEMA, key, name, weights: '', error: { code: 'UNDEFINED_RESULT', message: 'one image' } }
    }
    const leave = (key: string): Promise<void> => {
      return writeRow({ kind: 'evaluate-cell', key, title: '', store: folder, cell, isCached: true }, row(key))
    }
    await leave(keys[0] as string)
    const found: string[] = []
    const benchmark = async (): Promise<void> => {
      const cells = keys.map((key) => ({ cell, key }))
      const task = { isCached: true, signal: undefined, onNote: () => undefined }
      for await (const { key } of computeByJobs(queue, { store: folder })(cells, task)) found.push(key)
    }
    const running = benchmark()
    let job: LeasedJob | undefined
    while (!job) job = await queue.take([])
    const { key } = job.data as CellTask
    await leave(key)
    await queue.complete(job)
    await queue.cancel((await queue.list()).map(({ id }) => id))
    await expect(running).rejects.toThrow(/: 1 of 3 cells have no result, the first: d, b, padim, .*: cancelled$/)
    expect(found).toEqual([keys[0], key])
    expect(await states()).toHaveLength(2) // none for what was there
  })

  test('a worker whose every job fails ends, before it has used up the attempts of them all', async () => {
    await queue.submit([1, 2, 3, 4, 5].map(fit))
    const events: JobEvent[] = []
    const running = work(queue, {}, { onEvent: (event) => events.push(event) })
    await expect(running).rejects.toThrow('/nowhere')
    expect(events.filter(({ event }) => event === 'failed')).toHaveLength(3)
    expect((await queue.list()).every(({ lost }) => lost <= 3)).toBe(true)
    expect((await queue.list()).every(({ state }) => state === 'created' || state === 'retry')).toBe(true)
  })
})
