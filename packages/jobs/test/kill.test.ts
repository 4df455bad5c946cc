import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cellsOf, gridFlags, killEmbedded, killRun, runTab, tablesOf, writeGrid } from './kill-run.ts'
import { postgresFolder, startPostgres } from '../../../test/postgres.ts'

const PATIENT = 150_000 // milliseconds: ten processes, and a lease that runs out

let folder: string
let flags: readonly string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-kill-'))
  await writeGrid(folder)
  flags = gridFlags(folder, 1, join(folder, 'narrow.onnx'))
  await runTab([...flags, '--output', join(folder, 'single')])
})
afterAll(() => rm(folder, { recursive: true }))

/** As one process makes them. */
async function expectWhole(output: string): Promise<void> {
  expect(await tablesOf(output)).toEqual(await tablesOf(join(folder, 'single')))
  const cells = await cellsOf(output)
  expect(cells).toEqual(await cellsOf(join(folder, 'single')))
  expect(cells).toHaveLength(4)
}

const bin = postgresFolder()
const withPostgres = bin
  ? test
  : (name: string, _: () => Promise<void>, __: number): void =>
      test.skip(`${name} (no PostgreSQL of Debian)`, () => undefined)

withPostgres(
  'three workers that are killed while PostgreSQL restarts make the table of one process',
  async () => {
    const postgres = await startPostgres(bin as string)
    try {
      const output = join(folder, 'by-jobs')
      const plan = { flags, output, workers: 3, killBegun: [2], restartAfter: [1] }
      const report = await killRun(postgres, plan)
      expect(report).toMatchObject({ kills: 1, restarts: 1, computed: 4 })
      await expectWhole(output)
    } finally {
      await postgres.stop()
    }
  },
  PATIENT,
)

const withoutPostgres = bin
  ? (name: string, _: () => Promise<void>, __: number): void =>
      test.skip(`${name} (PostgreSQL is here; npm run bench -- jobs does this too)`, () => undefined)
  : test

withoutPostgres(
  'a queue in a folder goes on after its process was killed',
  async () => {
    const output = join(folder, 'embedded')
    expect(await killEmbedded(flags, output, 4)).toBeGreaterThan(0)
    await expectWhole(output)
  },
  PATIENT,
)
