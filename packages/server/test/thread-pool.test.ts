import { createHash } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Inspected, InspectTask, ModelFile } from '../src/inspection/protocol.ts'
import { FROM_SOURCE } from '../../../test/from-source.ts'
import { ThreadPool } from '../src/inspection/thread-pool.ts'
import { tinyProducts, type TinyProducts } from './tiny-products.ts'

let tiny: TinyProducts
let model: ModelFile
let pool: ThreadPool
beforeAll(async () => {
  process.execArgv.push(...FROM_SOURCE) // which threads inherit: the pool is imported from its source
  tiny = await tinyProducts(['a'], [])
  const path = tiny.detectors['a'] as string
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  model = { path, digest, bytes: (await stat(path)).size }
  pool = new ThreadPool({ threads: 1, queue: 4, memory: 1, pixels: 1e6, seconds: 30 })
  expect(await pool.check(model)).toMatchObject({ kind: 'sound', imageSize: [64, 64] })
})
afterAll(async () => {
  await pool.close()
  await rm(tiny.folder, { recursive: true })
})

const task = (more: Partial<InspectTask> = {}): InspectTask => {
  const image = tiny.dent.slice()
  return { model, image, threshold: null, map: 'none', deadline: null, sent: Date.now(), ...more }
}

test('an image whose thread dies is inspected by the next one', async () => {
  const before = (await pool.inspect(task())) as Inspected
  const answers = [pool.inspect(task()), pool.inspect(task())]
  await Promise.all(pool.threads.map((thread) => thread.terminate()))
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatchObject({ kind: 'inspected', inspection: { score: before.inspection.score } })
  }
  expect(pool.lost).toBeGreaterThan(0)
})

test('says when no more may wait', async () => {
  expect(pool.isFull).toBe(false)
  const working = Array.from({ length: 5 }, () => pool.inspect(task()))
  expect([pool.atWork, pool.isFull]).toEqual([5, true])
  await Promise.all(working)
  expect([pool.atWork, pool.isFull]).toEqual([0, false])
})

test('an image that takes too long costs its thread, not the pool', async () => {
  const short = new ThreadPool({ threads: 1, queue: 4, memory: 1, pixels: 1e6, seconds: 0.001 })
  await expect(short.inspect(task())).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: /longer than 0.001 seconds/,
  })
  await short.close()
})

test('what is late is not inspected, and a file that is none is said', async () => {
  expect(await pool.inspect(task({ deadline: Date.now() - 1 }))).toEqual({ kind: 'late' })
  const absent = { ...model, path: `${model.path}.none`, digest: 'none' }
  expect(await pool.check(absent)).toMatchObject({ kind: 'refused', code: 'NOT_FOUND' })
  expect(await pool.check(model)).toMatchObject({ kind: 'sound' })
})
