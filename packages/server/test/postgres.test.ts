import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { postgresFolder, startPostgres, type Postgres } from '../../../test/postgres.ts'
import { clientOf } from './client.ts'
import { startServer } from './server-process.ts'
import { tinyProducts, type TinyProducts } from './tiny-products.ts'

const bin = postgresFolder()
if (!bin) console.log('no PostgreSQL in /usr/lib/postgresql: the server is tested with its embedded database alone')

let tiny: TinyProducts
let postgres: Postgres
beforeAll(async () => {
  if (!bin) return
  tiny = await tinyProducts(['a'], ['a'])
  postgres = await startPostgres(bin)
})
afterAll(async () => {
  if (!bin) return
  await postgres.stop()
  await rm(tiny.folder, { recursive: true })
})

const withPostgres = bin ? test : test.skip
withPostgres('a PostgreSQL that goes away and comes back loses no result, and holds up no answer', async () => {
  const spec = { products: tiny.products, threads: 1, database: postgres.url } as const
  const server = await startServer(spec)
  const client = clientOf(server.url)
  const inspect = async (): Promise<string> => {
    const { status, body } = await client.inspect(tiny.dent)
    expect(status).toBe(200)
    return body.id
  }
  const stored = async (): Promise<string[]> => {
    const { body } = await client.ask('GET', '/v1/results?limit=100')
    return body.map(({ id }: { id: string }) => id)
  }
  const storeOf = async () => (await client.ask('GET', '/v1/health')).body.store

  const ids = [await inspect(), await inspect()]
  const feedback = await client.ask('POST', '/v1/products/metal/feedback', {
    result: ids[0],
    label: 'defect',
    author: 'Ada',
  })
  expect(feedback.status).toBe(201)
  postgres.halt()
  ids.push(await inspect(), await inspect())
  while ((await storeOf()).failure === null) await sleep(20)
  expect((await client.ask('GET', '/livez')).status).toBe(200)
  const refusals = [
    await client.ask('GET', '/v1/results'),
    await client.ask('POST', '/v1/products/metal/feedback', { result: ids[1], label: 'good' }),
    await client.ask('PUT', '/v1/products/metal/threshold', { version: 'a', value: 1e6, author: 'Ada' }),
  ]
  expect(refusals.map(({ status }) => status)).toEqual([503, 503, 503])
  expect(JSON.stringify(refusals.map(({ body }) => body))).not.toMatch(/127\.0\.0\.1|ECONN/)
  const { body: unchanged } = await client.inspect(tiny.dent)
  expect(unchanged.threshold).not.toBe(1e6) // what could not be recorded was not done
  ids.push(unchanged.id)
  postgres.start()
  ids.push(await inspect())
  while ((await storeOf()).waiting > 0) await sleep(20)
  expect((await stored()).sort()).toEqual([...ids].sort())
  expect((await storeOf()).failure).toBeNull()
  expect(await server.stop()).toBe(0)

  postgres.halt()
  await expect(startServer(spec)).rejects.toThrow(/spec\.database: the database cannot be opened: .*ECONNREFUSED/)
  postgres.start()
  const again = await startServer(spec)
  const { body } = await clientOf(again.url).ask('GET', '/v1/products/metal/feedback')
  expect(body).toMatchObject([{ resultId: ids[0] ?? '', label: 'defect' }])
  expect(await again.stop()).toBe(0)
})
