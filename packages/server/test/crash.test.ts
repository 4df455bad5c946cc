import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { clientOf } from './client.ts'
import { startServer } from './server-process.ts'
import { tinyProducts, type TinyProducts } from './tiny-products.ts'

let tiny: TinyProducts
beforeAll(async () => void (tiny = await tinyProducts(['a', 'b'], ['a', 'b'])))
afterAll(() => rm(tiny.folder, { recursive: true }))

test('a server that is killed loses nothing that it acknowledged, and goes on as it was', async () => {
  const spec = {
    products: tiny.products,
    threads: 1,
    queue: 1,
    storePolicy: 'block',
    token: 'a secret of the line',
  } as const
  const headers = { authorization: `Bearer ${spec.token}` }
  const first = await startServer(spec)
  const client = clientOf(first.url)
  expect((await client.ask('GET', '/v1/products')).status).toBe(401)
  expect(
    (await client.ask('GET', '/v1/products', undefined, { authorization: 'Bearer a secret of the lime' })).status,
  ).toBe(401)
  expect((await client.ask('GET', '/readyz')).status).toBe(200)
  await client.ask('PUT', '/v1/products/metal/active', { version: 'a', author: 'Ada' }, headers)
  await client.ask('PUT', '/v1/products/metal/threshold', { version: 'a', value: 1e6 }, headers)
  await expect(startServer(spec)).rejects.toThrow(/is writing there/) // two servers never share a store

  const acknowledged: string[] = []
  const statuses = new Set<number>()
  const clients = Array.from({ length: 6 }, async () => {
    for (;;) {
      const answer = await client.inspect(tiny.dent, undefined, headers).catch(() => undefined)
      if (!answer) return // killed
      statuses.add(answer.status)
      if (answer.status === 200) acknowledged.push(answer.body.id)
      else expect(answer.headers.get('retry-after')).toBe('1')
    }
  })
  while (acknowledged.length < 40) await new Promise((resolve) => setTimeout(resolve, 5))
  await first.kill()
  await Promise.all(clients)
  expect(statuses).toEqual(new Set([200, 503])) // six clients for one thread and one place in its queue

  const second = await startServer(spec)
  const { body: results } = await clientOf(second.url).ask('GET', '/v1/results?limit=1000', undefined, headers)
  const ids: string[] = results.map(({ id }: { id: string }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual(expect.arrayContaining(acknowledged))
  const { body } = await clientOf(second.url).inspect(tiny.dent, undefined, headers)
  expect(body).toMatchObject({ version: 'a', threshold: 1e6, thresholdFrom: 'override', verdict: 'good' })
  expect(await second.stop()).toBe(0)
})
