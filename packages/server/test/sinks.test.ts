import { createHmac } from 'node:crypto'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Aedes } from 'aedes'
import { connectAsync } from 'mqtt'
import type { InspectionAnswer } from '../src/http/schemas.ts'
import { openSinks, type Sinks } from '../src/sinks/sinks.ts'

const result = (id: string, verdict: InspectionAnswer['verdict'] = 'anomalous') =>
  ({ id, product: 'metal', verdict, score: 2 }) as unknown as InspectionAnswer

const until = async (isTrue: () => boolean): Promise<void> => {
  const end = Date.now() + 20_000
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${isTrue}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const opened = (...args: Parameters<typeof openSinks>): Sinks => {
  const sinks = openSinks(...args)
  closing.push(() => sinks.close())
  return sinks
}

describe('webhook', () => {
  /** A receiver that answers by a list of statuses, then with 200. */
  async function receiver(statuses: number[]) {
    const got: { id: string; signature: string | undefined; body: string }[] = []
    const server: Server = createHttpServer((request, answer) => {
      void request.toArray().then((parts) => {
        const status = statuses.shift() ?? 200
        const { 'idempotency-key': id, 'x-tab-signature': signature } = request.headers
        if (status === 200)
          got.push({ id: String(id), signature: signature as string, body: Buffer.concat(parts).toString() })
        answer.writeHead(status).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tab?key=secret` }
  }

  test('gets every result once, in order, signed, through failures', async () => {
    const { got, url } = await receiver([500, 503, 429, 200, 502])
    const sinks = opened([{ type: 'webhook', url, secret: 'key' }], () => undefined)
    for (const id of ['1', '2', '3']) sinks.send(result(id))
    await until(() => got.length === 3 && sinks.states()[0]?.waiting === 0)
    expect(got.map(({ id }) => id)).toEqual(['1', '2', '3'])
    for (const { body, signature } of got) {
      expect(signature).toBe(`sha256=${createHmac('sha256', 'key').update(body).digest('hex')}`)
    }
    expect(sinks.states()).toMatchObject([{ waiting: 0, dropped: 0, failure: null }])
  })

  test('does not hold up the others with a result that it does not want', async () => {
    const { got, url } = await receiver([400])
    const notes: string[] = []
    const sinks = opened([{ type: 'webhook', url }], (note) => notes.push(note))
    sinks.send(result('1'))
    sinks.send(result('2'))
    await until(() => got.length === 1)
    expect(got[0]?.id).toBe('2')
    expect(notes).toEqual([expect.stringMatching(/does not want result 1: it answered 400/)])
    expect(notes[0]).not.toContain('secret')
    expect(sinks.states()).toMatchObject([{ dropped: 1 }])
  })

  test('that is down is shown, and loses the oldest beyond its bound', async () => {
    const sinks = opened([{ type: 'webhook', url: 'http://127.0.0.1:1/', queue: 2 }], () => undefined)
    for (const id of ['1', '2', '3', '4']) sinks.send(result(id))
    await until(() => sinks.states()[0]?.failure !== null)
    expect(sinks.states()).toMatchObject([{ failure: expect.stringMatching(/fetch failed/) }])
    await until(() => (sinks.states()[0]?.dropped ?? 0) >= 1)
  })

  test('may be told of alarms alone', async () => {
    const { got, url } = await receiver([])
    const sinks = opened([{ type: 'webhook', url, onlyAlarms: true }], () => undefined)
    sinks.send(result('1', 'good'))
    sinks.send(result('2', 'not-judged'))
    await until(() => got.length === 1)
    expect(got[0]?.id).toBe('2')
  })
})

test('a broker of MQTT gets every result, also those of the time when it was away', async () => {
  const broker = await Aedes.createBroker()
  const listen = async (port: number) => {
    const server = createTcpServer(broker.handle)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return server
  }
  const probe = await listen(0)
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const url = `mqtt://127.0.0.1:${port}`

  const sinks = opened([{ type: 'mqtt', url, topic: 'line/{product}/{verdict}' }], () => undefined)
  sinks.send(result('1'))
  await until(() => sinks.states()[0]?.failure !== null)
  const server = await listen(port)
  closing.push(() => new Promise((resolve) => broker.close(() => server.close(resolve))))
  const subscriber = await connectAsync(url)
  closing.push(() => subscriber.endAsync(true))
  const got: string[] = []
  subscriber.on('message', (topic, body) => got.push(`${topic} ${(JSON.parse(body.toString()) as { id: string }).id}`))
  await subscriber.subscribeAsync('line/#', { qos: 1 })
  sinks.send(result('2'))
  await until(() => got.length === 2)
  expect(got).toEqual(['line/metal/anomalous 1', 'line/metal/anomalous 2'])
  expect(sinks.states()).toMatchObject([{ name: `mqtt 127.0.0.1:${port}`, failure: null }])
})
