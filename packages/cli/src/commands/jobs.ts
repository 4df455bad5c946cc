import { setTimeout as wait } from 'node:timers/promises'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { TabError, throwIfAborted } from '@tab/core'
import { FIT_SPEC, parseSpec } from '@tab/pipeline'
import { readConfig } from '@tab/pipeline/node'
import type { FitJobSpec, JobQueue, JobRecord } from '@tab/jobs'
import Table from 'cli-table3'
import { Command } from 'commander'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { jobsPackage } from './own-package.ts'
import { wholeNumber } from './options.ts'
import { writableFolder } from './writable-folder.ts'

interface QueueFlags {
  readonly jobsUrl: string
  readonly json?: boolean
}

const LOOK = 1000 // milliseconds between two looks of `watch`
const SHORT = 8 // digits of an id that people see

/** `tab jobs`: what is in a queue, and what becomes of it. */
export function jobsCommand(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  const on = (name: string, text: string): Command =>
    new Command(name)
      .description(text)
      .requiredOption('--jobs-url <url>', 'the queue: postgres://USER@HOST/DATABASE or a folder')
  const chosen = (name: string, text: string): Command =>
    on(name, text)
      .option('--id <ids...>', 'beginnings of ids, as tab jobs list shows them')
      .option('--all', 'all of them', false)
  return new Command('jobs')
    .description('Jobs that wait, run and have ended: see, cancel, retry.')
    .addCommand(
      on('list', 'Show all jobs, oldest first.')
        .option('--json', 'print them as JSON', false)
        .action((flags: QueueFlags) => list(flags, terminal, setStatus)),
    )
    .addCommand(
      on('watch', 'Show what becomes of the jobs until all have ended.').action((flags: QueueFlags) =>
        watch(flags, terminal, setStatus),
      ),
    )
    .addCommand(
      chosen('cancel', 'Take jobs out that wait or run.').action((flags: ChosenFlags) =>
        withChosen(flags, terminal, 'cancel'),
      ),
    )
    .addCommand(
      chosen('retry', 'Let jobs wait again that failed or were cancelled.').action((flags: ChosenFlags) =>
        withChosen(flags, terminal, 'retry'),
      ),
    )
    .addCommand(
      on('fit', 'Put fits of detectors in, listed in a file.')
        .requiredOption(
          '--specs <file>',
          'YAML or JSON: a list of specs of fits, with data, backbone, imageSize, detector ...',
        )
        .requiredOption('--store <dir>', 'folder of results that all workers reach')
        .option('--tag <name>', 'only for workers with this tag')
        .option('--priority <n>', 'higher ones first', wholeNumber(0), 0)
        .option('--json', 'print where the detectors will be as JSON', false)
        .action((flags: FitFlags) => putFits(flags, terminal)),
    )
    .addCommand(
      on('upgrade', 'Bring the tables of a queue to this version; stop its workers first.').action(
        async ({ jobsUrl }: QueueFlags) => {
          const { openQueue } = await jobsPackage('tab jobs')
          await (await openQueue({ jobsUrl, role: 'client', upgrade: true })).close()
        },
      ),
    )
    .addHelpText(
      'after',
      '\nExit status of list and watch: 0 no job has failed or was cancelled, 3 some have; 1 failed, 64 wrong usage.',
    )
}

interface FitFlags extends QueueFlags {
  readonly specs: string
  readonly store: string
  readonly tag?: string
  readonly priority: number
}

async function withQueue<T>({ jobsUrl }: QueueFlags, use: (queue: JobQueue) => Promise<T>): Promise<T> {
  const { openQueue } = await jobsPackage('tab jobs')
  const queue = await openQueue({ jobsUrl, role: 'client' })
  try {
    return await use(queue)
  } finally {
    await queue.close()
  }
}

async function list(flags: QueueFlags, { stdout }: Terminal, setStatus: (status: ExitStatus) => void): Promise<void> {
  const jobs = await withQueue(flags, (queue) => queue.list())
  stdout.write(flags.json ? `${JSON.stringify(jobs, null, 2)}\n` : listText(jobs))
  setStatus(statusOf(jobs))
}

async function watch(
  flags: QueueFlags,
  { stdout, signal }: Terminal,
  setStatus: (status: ExitStatus) => void,
): Promise<void> {
  await withQueue(flags, async (queue) => {
    const seen = new Map<string, string>()
    for (;;) {
      const jobs = await queue.list()
      for (const job of jobs) {
        const text = lineOf(job)
        if (seen.get(job.id) !== text) stdout.write(text)
        seen.set(job.id, text)
      }
      if (jobs.every(hasEnded)) return setStatus(statusOf(jobs))
      throwIfAborted('tab jobs watch', signal)
      await wait(LOOK)
    }
  })
}

interface ChosenFlags extends QueueFlags {
  readonly id?: readonly string[]
  readonly all: boolean
}

async function withChosen(
  { all, id: ids = [], ...flags }: ChosenFlags,
  { stdout }: Terminal,
  act: 'cancel' | 'retry',
): Promise<void> {
  if (all === ids.length > 0) {
    throw new TabError('INVALID_ARGUMENT', {
      where: `tab jobs ${act}`,
      expected: '--id or --all',
      actual: all ? 'both' : 'neither',
    })
  }
  const count = await withQueue(flags, async (queue) => {
    const jobs = await queue.list()
    for (const id of ids) {
      if (jobs.some((job) => job.id.startsWith(id))) continue
      throw new TabError('NOT_FOUND', {
        where: `tab jobs ${act}`,
        expected: 'ids of jobs',
        actual: `${id}, which none begins with`,
      })
    }
    const chosen = all ? jobs : jobs.filter((job) => ids.some((id) => job.id.startsWith(id)))
    return queue[act](chosen.map(({ id }) => id))
  })
  stdout.write(`${count} jobs ${act === 'cancel' ? 'cancelled' : 'wait again'}\n`)
}

async function putFits(flags: FitFlags, terminal: Terminal): Promise<void> {
  const listed = await fitsOf(flags.specs)
  await writableFolder('spec.store', flags.store)
  const { submitFits } = await jobsPackage('tab jobs')
  const fits = await withQueue(flags, (queue) => runTask(terminal, (task) => submitFits(queue, listed, flags, task)))
  const text = flags.json
    ? `${JSON.stringify(fits, null, 2)}\n`
    : fits.map(({ id, detector }) => `${id.slice(0, SHORT)} ${detector}\n`).join('')
  terminal.stdout.write(text)
}

/** A list of specs, with paths relative to the file. */
async function fitsOf(file: string): Promise<FitJobSpec[]> {
  const { value, folder } = await readConfig(file)
  if (!Array.isArray(value) || value.length === 0) {
    throw new TabError('INVALID_DATA', { where: file, expected: 'a list of specs of fits', actual: typeof value })
  }
  return value.map((given: unknown, index) => {
    const where = `${file}[${index}]`
    const object = typeof given === 'object' && given !== null ? given : {}
    const spec = parseSpec(FIT_SPEC, { ...object, output: 'in-the-store.safetensors' }, where)
    const weights = resolve(folder, spec.backbone ?? '')
    const backbone = spec.backbone !== undefined && existsSync(weights) ? { backbone: weights } : {} // else a name
    return { ...spec, ...backbone, data: resolve(folder, spec.data) }
  })
}

function hasEnded({ state }: JobRecord): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled'
}

function statusOf(jobs: readonly JobRecord[]): ExitStatus {
  return jobs.some(({ state }) => state === 'failed' || state === 'cancelled') ? EXIT.notJudged : EXIT.ok
}

const STATES: Readonly<Record<JobRecord['state'], string>> = {
  created: 'waits',
  retry: 'waits again',
  active: 'runs',
  completed: 'done',
  cancelled: 'cancelled',
  failed: 'failed',
}

function lineOf({ id, state, lost, title, error }: JobRecord): string {
  const again = lost > 0 ? ` (${lost} attempts lost)` : ''
  return `${id.slice(0, SHORT)} ${STATES[state]}${again}: ${title}${error === null ? '' : `: ${error}`}\n`
}

function listText(jobs: readonly JobRecord[]): string {
  if (jobs.length === 0) return 'no jobs\n'
  const table = new Table({ head: ['id', 'state', 'lost', 'tag', 'seconds', 'job'], style: { head: [], border: [] } })
  for (const { id, state, lost, tag, startedAt, endedAt, title } of jobs) {
    const seconds = startedAt && endedAt ? ((endedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1) : ''
    table.push([id.slice(0, SHORT), STATES[state], lost, tag ?? '', seconds, title])
  }
  const errors = jobs.filter(({ error }) => error !== null).map(({ id, error }) => `${id.slice(0, SHORT)}: ${error}\n`)
  return `${table.toString()}\n${errors.join('')}`
}
