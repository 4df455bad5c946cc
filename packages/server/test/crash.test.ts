import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { clientOf } from './client.ts'
import { startServer } from './server-process.ts'
import { tinyProducts, type TinyProducts } from './tiny-products.ts'

let tiny: TinyProducts
beforeAll(async () => void (tiny = await tinyProducts(['a', 'b'], ['a', 'b'])))
afterAll(() => rm(tiny.folder, { recursive: true }))

test('a server that is killed loses nothing that it acknowledged, and goes on as it was', async () => {
  const camera = join(tiny.folder, 'camera')
  await mkdir(camera)
  await writeFile(join(camera, '1.png'), tiny.dent)
  const spec = {
    products: tiny.products,
    threads: 1,
    queue: 1,
    storePolicy: 'block',
    token: 'a secret of the line',
    sources: [{ type: 'folder', product: 'metal', path: camera, settle: 300 }],
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
  await writeFile(join(camera, '2.png'), tiny.good)
  expect(statuses).toEqual(new Set([200, 503])) // six clients for one thread and one place in its queue

  const second = await startServer(spec)
  const { body: results } = await clientOf(second.url).ask('GET', '/v1/results?limit=1000', undefined, headers)
  const ids: string[] = results.map(({ id }: { id: string }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual(expect.arrayContaining(acknowledged))
  // The folder's image of before has its result already, or gets it now; the one that came meanwhile gets its own.
  const named = async (): Promise<unknown[]> => {
    const { body: all } = await clientOf(second.url).ask('GET', '/v1/results?limit=1000', undefined, headers)
    return all.flatMap(({ imageName }: { imageName: string | null }) => imageName ?? [])
  }
  while ((await named()).length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
  await writeFile(join(camera, '3.png'), 'no image') // looked at after all that was there
  const sources = async () => (await clientOf(second.url).ask('GET', '/v1/health', undefined, headers)).body.sources
  while ((await sources())[0].refused < 1) await new Promise((resolve) => setTimeout(resolve, 20))
  expect((await named()).sort()).toEqual(['1.png', '2.png'])
  const { body } = await clientOf(second.url).inspect(tiny.dent, undefined, headers)
  expect(body).toMatchObject({ version: 'a', threshold: 1e6, thresholdFrom: 'override', verdict: 'good' })
  expect(await second.stop()).toBe(0)
})
