// The server, in a process of its own, against the bare loop of `inspect` on as many threads: images in a second, and the time of one; then
// versions swapped under load, and requests that make no sense. ResNet-18 at 224 px. Arguments: seconds of each load, swaps, threads, requests.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, randomInteger } from '@tab/core'
import { writeSyntheticDataset } from '@tab/data/node'
import { fit } from '@tab/pipeline/node'
import { ThreadPool } from '../packages/server/src/inspection/thread-pool.ts'
import { startServer } from '../packages/server/test/server-process.ts'

const [seconds = 20, swaps = 300, threads = availableParallelism(), malformed = 2000] = process.argv
  .slice(2)
  .map(Number)
const folder = await mkdtemp(join(tmpdir(), 'tab-serve-'))
const data = join(folder, 'washer')
await writeSyntheticDataset(data, { part: 'washer', size: [224, 224], seed: 1, train: 20, good: 4, perDefect: 2 })
const products = join(folder, 'products')
await mkdir(join(products, 'washer'), { recursive: true })
const output = join(products, 'washer', 'v1.safetensors')
for (const [index, seed] of [1, 2, 3].entries()) {
  const version = join(products, 'washer', `v${index + 1}.safetensors`)
  await fit({
    data,
    output: version,
    suspects: 'skip',
    detector: { method: 'patchcore', coresetRatio: 0.1 / seed },
  })
}
const image = await readFile(join(data, 'test/good/000.png'))

interface Load {
  /** Milliseconds of each, ascending. */
  readonly times: readonly number[]
  /** Seconds until the last one ended. */
  readonly elapsed: number
}

/** Runs `ask` from as many clients as given, one after the other in each. */
async function load(clients: number, ask: () => Promise<unknown>): Promise<Load> {
  const times: number[] = []
  const begun = performance.now()
  const end = performance.now() + seconds * 1000
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < end) {
        const start = performance.now()
        await ask()
        times.push(performance.now() - start)
      }
    }),
  )
  return { times: times.sort((a, b) => a - b), elapsed: (performance.now() - begun) / 1000 }
}

function tell(name: string, { times, elapsed }: Load, peer?: number): number {
  const rate = times.length / elapsed
  const at = (share: number): string => `${(times[Math.floor(share * times.length)] as number).toFixed(1)} ms`
  const ratio = peer === undefined ? '' : `, ${(rate / peer).toFixed(2)} of the bare loop`
  console.log(`${name}: ${rate.toFixed(1)} images a second, median ${at(0.5)}, p99 ${at(0.99)}${ratio}`)
  return rate
}

const digest = createHash('sha256')
  .update(await readFile(output))
  .digest('hex')
const model = { path: output, digest, bytes: (await stat(output)).size }
const pool = new ThreadPool({ threads, queue: 64, memory: 2 ** 30, pixels: 64e6, seconds: 30 })
const bare = () =>
  pool.inspect({ model, image: image.slice(), threshold: null, map: 'none', deadline: null, sent: Date.now() })
await Promise.all(Array.from({ length: 4 * threads }, bare)) // every thread opens the detector
const peer = tell(`bare loop, ${threads} threads`, await load(threads, bare))
await pool.close()

const server = await startServer({ products, threads })
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const url = new URL('/v1/products/washer/inspect', server.url)
const statuses = new Map<number, number>()
/** @returns version and score; undefined where the server was busy */
const ask = (query = ''): Promise<{ version: string; score: number } | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'image/png', 'content-length': image.length }
    request(url + query, { agent, method: 'POST', headers }, async (answer) => {
      const { statusCode = 0 } = answer
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
      const text = Buffer.concat(await answer.toArray()).toString()
      resolve(statusCode === 200 ? JSON.parse(text) : undefined)
    })
      .on('error', reject)
      .end(image)
  })
const counted = (): string => [...statuses].map(([status, count]) => `${count} of ${status}`).join(', ')
await Promise.all(Array.from({ length: 4 * threads }, () => ask('?version=v1')))
for (const clients of [1, threads, 2 * threads, 64]) {
  statuses.clear()
  tell(`server, ${clients} clients`, await load(clients, () => ask('?version=v1')), peer)
  console.log(`  answers: ${counted()}`)
}

const scores = new Map<string, number>()
for (const version of ['v1', 'v2', 'v3']) scores.set(version, (await ask(`?version=${version}`))?.score ?? NaN)
statuses.clear()
let [isOver, mixed, answered] = [false, 0, 0]
const clients = Array.from({ length: 2 * threads }, async () => {
  while (!isOver) {
    const found = await ask()
    answered += 1
    if (found && scores.get(found.version) !== found.score) mixed += 1
  }
})
for (let swap = 0; swap < swaps; swap++) {
  const body = JSON.stringify({ version: `v${1 + (swap % 3)}` })
  const headers = { 'content-type': 'application/json' }
  const { status } = await fetch(`${server.url}/v1/products/washer/active`, { method: 'PUT', headers, body })
  if (status !== 200) throw new Error(`a swap was answered with ${status}`)
  const before = answered
  while (answered === before) await new Promise((resolve) => setTimeout(resolve, 5))
}
isOver = true
await Promise.all(clients)
console.log(
  `${swaps} swaps of three versions (${new Set(scores.values()).size} scores) under load: ${counted()}, ${mixed} mixed`,
)

const memory = async (): Promise<string> => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  return `${Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20)} MiB`
}
const rng = createRng(1)
const oneOf = <T>(values: readonly T[]): T => values[randomInteger(rng, 0, values.length - 1)] as T
const paths = ['inspect', 'active', 'feedback', 'threshold', 'learn', 'rollback', '%00', '..%2f'].map(
  (name) => `/v1/products/washer/${name}`,
)
const types = [
  'application/json',
  'image/png',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
  'no type',
]
statuses.clear()
const began = await memory()
for (let sent = 0; sent < malformed; sent++) {
  const bytes = Uint8Array.from({ length: randomInteger(rng, 0, 2000) }, () => randomInteger(rng, 0, 255))
  const cut = image.subarray(0, randomInteger(rng, 0, image.length - 1))
  const body = oneOf([
    bytes,
    new Uint8Array(cut),
    new TextEncoder().encode(JSON.stringify({ path: '/etc/passwd', version: [...bytes.slice(0, 9)] })),
  ])
  const method = oneOf(['POST', 'PUT', 'DELETE'])
  const path = oneOf([...paths, '/v2/models/washer/infer', '/v1/results?limit=-1'])
  const { status } = await fetch(server.url + path, { method, body, headers: { 'content-type': oneOf(types) } })
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
}
console.log(
  `${malformed} requests that make no sense: ${counted()}; resident memory ${began} before, ${await memory()} after`,
)
console.log(`and then: ${(await ask()) === undefined ? 'no answer' : 'an image is inspected'}`)
agent.destroy()
await server.stop()
await rm(folder, { recursive: true })
