// Jobs under fire: a grid by three workers of which one is killed every few seconds, while PostgreSQL is restarted twice, against one process;
// then what the queue costs, by workers that compute nothing, and a simulation with that of many workers. Arguments: cells / 4, seconds between kills.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  cellsOf,
  gridFlags,
  killEmbedded,
  killRun,
  runTab,
  tablesOf,
  writeGrid,
} from '../packages/jobs/test/kill-run.ts'
import { postgresFolder, startPostgres } from '../test/postgres.ts'
import { measureQueue } from './jobs/measure-queue.ts'
import { simulate } from './jobs/simulate.ts'

const [seeds = 15, killSeconds = 3] = process.argv.slice(2).map(Number)
const bin = postgresFolder()
if (!bin) throw new Error('needs PostgreSQL of Debian: apt-get install postgresql')
const script = async (name: string): Promise<void> => {
  const { default: run } = await import(new URL(`../scripts/sources/${name}.mjs`, import.meta.url).href)
  await run()
}
await script('bundle') // as for tests: workers start anew every few seconds
const folder = await mkdtemp(join(tmpdir(), 'tab-jobs-'))
const postgres = await startPostgres(bin)
try {
  const queue = await measureQueue(postgres.url)
  for (const [what, milliseconds] of Object.entries(queue)) console.log(`${what}: ${milliseconds.toFixed(2)} ms`)
  for (const workers of [2, 10, 50, 100, 200, 400]) {
    const { hours, busy } = simulate({ workers, cells: 10_000, cellSeconds: 2, ...queue })
    console.log(
      `simulated, ${workers} workers: 10,000 cells of 2 s in ${hours.toFixed(2)} h, workers busy ${(100 * busy).toFixed(1)} %`,
    )
  }

  const side = 96
  await writeGrid(folder, side)
  const flags = gridFlags(folder, seeds, join(folder, 'narrow.onnx'), side)
  const begun = performance.now()
  await runTab([...flags, '--output', join(folder, 'single')])
  console.log(`one process: ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  await rm(join(folder, 'single', 'features'), { recursive: true })
  const output = join(folder, 'by-jobs')
  const plan = { flags, output, workers: 3, killEvery: 1000 * killSeconds }
  const report = await killRun(postgres, { ...plan, restartAfter: [seeds, 3 * seeds] })
  console.log(report)
  await compare('by jobs', output)
  const embedded = join(folder, 'embedded')
  const left = await killEmbedded(flags, embedded, 4 * seeds)
  await compare(`in a folder, killed with ${left} cells left`, embedded)
} finally {
  await postgres.stop()
  await script('remove')
  await rm(folder, { recursive: true })
}

/** Whether the tables are, byte for byte, and the scores, bit for bit, those of one process. */
async function compare(what: string, output: string): Promise<void> {
  const single = join(folder, 'single')
  const isSame =
    JSON.stringify([await tablesOf(single), await cellsOf(single)]) ===
    JSON.stringify([await tablesOf(output), await cellsOf(output)])
  console.log(`${what}: ${(await cellsOf(output)).length} cells, ${isSame ? 'the same tables and scores' : 'OTHERS'}`)
  if (!isSame) process.exitCode = 1
}
