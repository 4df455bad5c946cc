// The server on PostgreSQL, under load, while one of the two is killed every --every seconds (default 2) for --seconds (default 60): every result and
// every feedback that a client was told of must be in the database once, and an answer must name the version whose score it has. `--seed S` (default 1).
// Without a PostgreSQL of Debian's it stops with a line.
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createRng } from '@tab/core'
import { clientOf } from '../packages/server/test/client.ts'
import { startServer, type ServerProcess } from '../packages/server/test/server-process.ts'
import { tinyProducts } from '../packages/server/test/tiny-products.ts'
import { postgresFolder, startPostgres } from '../test/postgres.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    every: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
})
const [seconds, every, seed] = [values.seconds, values.every, values.seed].map(Number) as [number, number, number]
const bin = postgresFolder()
if (!bin) throw new Error('no PostgreSQL in /usr/lib/postgresql')
const CLIENTS = 4

const tiny = await tinyProducts(['a'], ['a'])
const postgres = await startPostgres(bin)
const starts: number[] = []
async function start(): Promise<ServerProcess> {
  const begun = performance.now()
  const started = await startServer({
    ...{ products: tiny.products, threads: 1, storePolicy: 'block', database: postgres.url },
  })
  starts.push((performance.now() - begun) / 1000)
  return started
}

let server = await start()
let isOver = false
const told = { results: new Set<string>(), feedback: new Set<string>() }
const statuses = new Map<string, number>()
const tally = (what: string): void => void statuses.set(what, (statuses.get(what) ?? 0) + 1)

/** Inspects, and says of every third result what it was; keeps the ids that it is told. */
async function client(): Promise<void> {
  for (let index = 0; !isOver; index++) {
    const asked = clientOf(server.url)
    const answer = await asked.inspect(tiny.dent).catch(() => undefined)
    tally(answer ? `inspect ${answer.status}` : 'no connection')
    if (!answer) await sleep(50)
    if (answer?.status !== 200) continue
    told.results.add(answer.body.id)
    if (index % 3 !== 0) continue
    const body = { result: answer.body.id, label: 'defect' }
    const heard = await asked.ask('POST', '/v1/products/metal/feedback', body).catch(() => undefined)
    tally(heard ? `feedback ${heard.status}` : 'no connection')
    if (heard?.status === 201) told.feedback.add(heard.body.id)
  }
}

const clients = Array.from({ length: CLIENTS }, client)
const rng = createRng(seed)
const kills = { server: 0, postgres: 0 }
const end = performance.now() + 1000 * seconds
while (performance.now() < end) {
  await sleep(1000 * every)
  if (rng() < 0.5) {
    await server.kill()
    server = await start()
    kills.server++
  } else {
    postgres.halt()
    await sleep(1000 * rng())
    postgres.start()
    kills.postgres++
  }
}
await sleep(3000) // the last outage is over, and what waited is stored
isOver = true
await Promise.all(clients)
const stopped = await server.stop()

/** What is used of pg, which the server has. */
interface Database {
  connect(): Promise<void>
  query(statement: string): Promise<{ rows: { id: string }[] }>
  end(): Promise<void>
}
const pg = createRequire(new URL('../packages/server/package.json', import.meta.url))('pg') as {
  Client: new (url: string) => Database
}
const database = new pg.Client(postgres.url)
await database.connect()
const idsOf = async (table: string): Promise<string[]> =>
  (await database.query(`select id from ${table}`)).rows.map(({ id }) => id)
const stored = { results: await idsOf('results'), feedback: await idsOf('feedback') }
await database.end()
await postgres.stop()
await rm(tiny.folder, { recursive: true })

console.log(
  `load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}; seed ${seed}`,
)
console.log(`killed: the server ${kills.server} times, PostgreSQL ${kills.postgres} times, in ${seconds} s`)
console.log(`starts of the server: ${starts.map((time) => time.toFixed(1)).join(', ')} s`)
console.log(`answers: ${[...statuses].map(([what, count]) => `${what}: ${count}`).join(', ')}`)
let failures = stopped === 0 ? 0 : 1
for (const kind of ['results', 'feedback'] as const) {
  const held = new Set(stored[kind])
  const lost = [...told[kind]].filter((id) => !held.has(id))
  const twice = stored[kind].length - held.size
  failures += lost.length + twice
  console.log(
    `${kind}: ${told[kind].size} acknowledged, ${stored[kind].length} stored, ${lost.length} lost, ${twice} twice`,
  )
}
console.log(failures === 0 ? 'nothing lost, nothing twice' : `${failures} failures`)
process.exit(failures === 0 ? 0 : 1)
