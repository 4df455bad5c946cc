import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runTab } from './run-tab.ts'
import { argsOf, COMMANDS, type Workplace } from './table/commands.ts'
import { workplace } from './table/workplace.ts'

let place: Workplace
let home: string
let hub: Server
let requests = 0
beforeAll(async () => {
  place = await workplace()
  home = await mkdtemp(join(tmpdir(), 'tab-offline-'))
  hub = createServer((_, response) => {
    requests++
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve))
  process.env['HF_ENDPOINT'] = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`
  process.env['HF_HUB_CACHE'] = home
}, 300_000)
afterAll(async () => {
  hub.close()
  await rm(place.root, { recursive: true })
  await rm(home, { recursive: true })
})

const askers = Object.entries(COMMANDS).flatMap(([name, { inputs }]) =>
  Object.entries(inputs).flatMap(([flag, kind]) => (['weights', 'text model'].includes(kind) ? [[name, flag]] : [])),
) as [string, string][]

test.each(askers)('tab %s --offline asks nothing of the network for %s', async (name, flag) => {
  const args = argsOf(place, name, { [flag]: 'owner/model' }).filter((word) => word !== '--offline')
  const { status, stderr } = await runTab([...args, '--offline'])
  expect([status, stderr]).toEqual([1, expect.stringMatching(/nothing is looked up on the network|not on this disk/)])
  expect(requests).toBe(0)
  expect(process.env['HF_HUB_OFFLINE']).toBeUndefined() // the next run in this process asks again
})

test('without it the hub is asked', async () => {
  const { status } = await runTab(argsOf(place, 'export', { '--backbone': 'owner/model' }))
  expect([status, requests > 0]).toEqual([1, true])
})
