import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createRng, randomInteger } from '@tab/core'
import { writeSyntheticDataset } from '@tab/data/node'
import { exportOnnx } from '@tab/model'
import { tabProcess } from '../../cli/test/tab-process.ts'
import { narrowBackbone } from '../../model/test/narrow-backbone.ts'
import type { JobEvent } from '../src/index.ts'
import type { Postgres } from '../../../test/postgres.ts'

/** A data set and a backbone of few channels. */
export async function writeGrid(folder: string, side = 32): Promise<void> {
  const sizes = { size: [side, side], train: 6, good: 2, perDefect: 1 } as const
  await writeSyntheticDataset(join(folder, 'washers'), { part: 'washer', seed: 1, ...sizes })
  const network = narrowBackbone('resnet18', 'layer3')
  await writeFile(join(folder, 'narrow.onnx'), exportOnnx(network, { layers: ['layer1', 'layer2', 'layer3'] }))
}

/** Flags of `tab benchmark`: 2 detectors x 2 shots for each seed. */
export function gridFlags(folder: string, seeds: number, backbone: string, side = 32): string[] {
  const numbers = Array.from({ length: seeds }, (_, seed) => seed).join()
  return [
    ...['benchmark', '--data', join(folder, 'washers'), '--backbone', `net=${backbone}`, '--image-size', String(side)],
    ...['--detector', 'patchcore,padim', '--shots', '3,full', '--seeds', numbers, '--threads', '1'],
  ]
}

/** Runs the command to its end. @returns what it wrote to standard error */
export async function runTab(args: readonly string[], expected = 0): Promise<string> {
  const child = tabProcess(args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [status] = (await once(child, 'exit')) as [number | null]
  if (status !== expected) throw new Error(`tab ${args[0]} ended with ${status}: ${said}`)
  return said
}

/** The tables that do not tell how long something took. */
export async function tablesOf(folder: string): Promise<readonly string[]> {
  return Promise.all(['table.md', 'table.tex'].map((file) => readFile(join(folder, file), 'utf8')))
}

/** Keys and images' scores of all cells, in order of their keys. */
export async function cellsOf(folder: string): Promise<readonly (readonly [string, readonly number[]])[]> {
  const lines = (await readFile(join(folder, 'results.jsonl'), 'utf8')).trimEnd().split('\n')
  const rows = lines.map((line) => JSON.parse(line) as { key: string; scores: number[] })
  return rows.map(({ key, scores }) => [key, scores] as const).sort(([a], [b]) => (a < b ? -1 : 1))
}

export interface KillPlan {
  /** Flags of `tab benchmark`, without where it writes. */
  readonly flags: readonly string[]
  readonly output: string
  readonly workers: number
  /** Which begun attempts, counted from 1, are killed as soon as they begin. */
  readonly killBegun?: readonly number[]
  /** Or kill a worker at random so often, in milliseconds. */
  readonly killEvery?: number
  /** After how many done cells PostgreSQL is restarted. */
  readonly restartAfter: readonly number[]
}

export interface KillReport {
  readonly seconds: number
  readonly kills: number
  readonly restarts: number
  readonly begun: number
  /** Cells that were computed, and those that were computed once more than needed. */
  readonly computed: number
  readonly twice: number
  /** Seconds of computing: what counted, what was done twice, what died with a worker. */
  readonly secondsUseful: number
  readonly secondsTwice: number
  readonly secondsKilled: number
}

interface Attempt {
  readonly id: string
  readonly begun: number
}

/** Runs a benchmark by workers that are killed while the database is restarted. Half of the workers have clocks that are an hour ahead. */
export async function killRun(postgres: Postgres, plan: KillPlan): Promise<KillReport> {
  const begunAt = performance.now()
  const rng = createRng(1)
  const living = new Map<ChildProcess, Attempt | undefined>()
  const done = new Map<string, number>()
  const restartAfter = [...plan.restartAfter]
  let [kills, restarts, begun, twice, secondsUseful, secondsTwice, secondsKilled] = [0, 0, 0, 0, 0, 0, 0]
  let started = 0
  let isOver = false

  function kill(child: ChildProcess): void {
    const attempt = living.get(child)
    if (attempt) secondsKilled += (performance.now() - attempt.begun) / 1000
    living.delete(child)
    child.kill('SIGKILL')
    kills++
    if (!isOver) startWorker()
  }

  function take(child: ChildProcess, event: JobEvent): void {
    if (!living.has(child)) return
    if (event.event === 'started') {
      begun++
      living.set(child, { id: event.id, begun: performance.now() })
      if (plan.killBegun?.includes(begun)) kill(child)
      return
    }
    living.set(child, undefined)
    if (event.event === 'failed') throw new Error(`${event.title}: ${event.error}`)
    if (event.event === 'done' && !done.has(event.id)) {
      done.set(event.id, event.seconds)
      secondsUseful += event.seconds
    } else if (event.event !== 'kept') {
      twice++
      secondsTwice += event.seconds
    }
    if (done.size >= (restartAfter[0] ?? Infinity)) {
      restartAfter.shift()
      postgres.halt()
      postgres.start()
      restarts++
    }
  }

  function startWorker(): void {
    const preload = started++ % 2 === 1 ? { preload: AHEAD } : {}
    const args = ['worker', '--jobs-url', postgres.url, '--threads', '1', '--json']
    const child = tabProcess(args, { stdio: ['ignore', 'pipe', 'ignore'], ...preload })
    living.set(child, undefined)
    // One that began while the database was away has ended by itself: a supervisor starts it anew.
    child.once('exit', () => {
      if (living.delete(child) && !isOver) startWorker()
    })
    createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) =>
      take(child, JSON.parse(line) as JobEvent),
    )
  }

  const client = runTab([...plan.flags, '--output', plan.output, '--jobs-url', postgres.url])
  for (let i = 0; i < plan.workers; i++) startWorker()
  const timer = plan.killEvery && setInterval(() => kill(pick([...living.keys()], rng)), plan.killEvery)
  try {
    await client
  } finally {
    isOver = true
    if (timer) clearInterval(timer)
    const rest = [...living.keys()]
    const ends = rest.map((child) => once(child, 'exit'))
    for (const child of rest) child.kill('SIGTERM')
    await Promise.all(ends)
  }
  const seconds = (performance.now() - begunAt) / 1000
  const computed = done.size
  return { seconds, kills, restarts, begun, computed, twice, secondsUseful, secondsTwice, secondsKilled }
}

/** Runs a benchmark by a queue in a folder, kills its process once it has a cell, and lets another go on. @returns how many cells were left */
export async function killEmbedded(flags: readonly string[], output: string, cells: number): Promise<number> {
  const args = [...flags, '--output', output, '--jobs-url', join(output, '..', 'queue')]
  const first = tabProcess(args, { stdio: 'ignore' })
  const ended = once(first, 'exit')
  const lines = async (): Promise<number> =>
    (await readFile(join(output, 'results.jsonl'), 'utf8').catch(() => '')).split('\n').length - 1
  while ((await lines()) < 1) await new Promise((resolve) => setTimeout(resolve, 20))
  first.kill('SIGKILL')
  await ended
  const left = cells - (await lines())
  await runTab(args)
  return left
}

/** Before a program: its clock is an hour ahead. */
const AHEAD = `data:text/javascript,${encodeURIComponent('const now = Date.now; Date.now = () => now() + 3600000')}`

function pick<T>(values: readonly T[], rng: () => number): T {
  return values[randomInteger(rng, 0, values.length - 1)] as T
}
