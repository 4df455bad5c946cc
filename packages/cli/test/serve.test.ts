import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { tabProcess } from './tab-process.ts'

let products: string
beforeEach(async () => {
  products = await mkdtemp(join(tmpdir(), 'tab-products-'))
})
afterEach(() => rm(products, { recursive: true }))

/** `tab serve` as a process: what it says on stderr, and how it ends. */
function serve(...more: readonly string[]) {
  const args = ['serve', '--products', products, '--port', '0', '--threads', '1', ...more]
  const child = tabProcess(args, { stdio: ['ignore', 'pipe', 'pipe'] })
  return { child, stdout: child.stdout as Readable, said: text(child.stderr as Readable), ended: once(child, 'exit') }
}

test('prints where it answers, and ends with what is under way when it is stopped', async () => {
  const { child, stdout, said, ended } = serve('--json')
  const [line] = (await once(stdout, 'data')) as [Buffer]
  const { url, products: named } = JSON.parse(line.toString()) as { url: string; products: string[] }
  expect(named).toEqual([])
  expect((await fetch(`${url}/livez`)).status).toBe(200)
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  expect(await said).toBe('answering what is under way\n')
}, 60_000)

// The sources take seconds to compile a second time; CI runs this one on the built packages.
const onBuilt = process.env['TAB_DIST'] === '1' ? test : test.skip
onBuilt(
  'a reader of its output that goes away stops it without a word of its own',
  async () => {
    const { stdout, said, ended } = serve()
    stdout.destroy()
    expect(await ended).toEqual([0, null])
    expect(await said).not.toMatch(/EPIPE|stopped|\n\s+at /)
  },
  60_000,
)
