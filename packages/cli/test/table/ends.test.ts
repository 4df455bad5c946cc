import { once } from 'node:events'
import { cp, readdir, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { run } from '../../src/run.ts'
import { guardOutput } from '../../src/terminal/output-failure.ts'
import { runTab } from '../run-tab.ts'
import { tabProcess } from '../tab-process.ts'
import { argsOf, COMMANDS, type Workplace } from './commands.ts'
import { emptyFolder, goodRuns, snapshot, trainAgain, workplace, type Written } from './workplace.ts'

let place: Workplace
let written: Readonly<Record<string, Written>>
beforeAll(async () => {
  place = await workplace()
  written = await goodRuns(place)
}, 300_000)
afterEach(() => emptyFolder(place.out))
afterAll(() => rm(place.root, { recursive: true }))

// The service is a process of its own in serve.test.ts: Jest cannot require the ES modules under Fastify's plugins. The
// studio serves built files, which tests of the sources do not have; test/browser/studio.test.ts builds them. A queue
// takes seconds to open: what ends there is killed in the tests of @tab/jobs.
const names = Object.keys(COMMANDS).filter((name) => !/^(serve|studio|worker|jobs|benchmark --store)\b/.test(name))
const writers = names.filter((name) => COMMANDS[name]?.output)
const below = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).sort()
const isUnfinished = (name: string): boolean => /\.(tmp|lock)$/.test(name)

/** A pipe whose reader has gone: each write fails with EPIPE. */
async function closedPipe(): Promise<Socket> {
  const path = join(place.root, 'pipe')
  const server = createServer((reader) => reader.destroy()).listen(path)
  await once(server, 'listening')
  const socket = connect({ path, allowHalfOpen: true }).resume()
  await once(socket, 'end')
  server.close()
  return socket
}

describe('a reader of the output that went away', () => {
  test.each(names)('tab %s ends quietly, with its result or with none of it', async (name) => {
    const socket = await closedPipe()
    const controller = new AbortController()
    const said = { text: '' }
    const stderr = { write: (text: string) => void (said.text += text), on: () => undefined }
    const stdout = socket as unknown as NodeJS.WriteStream
    const finish = guardOutput(stdout, stderr as unknown as NodeJS.WriteStream, controller)
    const before = await snapshot(place.root)
    const status = await finish(await run(argsOf(place, name), { stdout, stderr, signal: controller.signal }))
    expect(said.text).not.toMatch(/EPIPE|stopped|\n\s+at /)
    const left = await below(place.out)
    if (status === 0) expect(left).toEqual(written[name]?.files ?? [])
    else {
      expect([status, left.filter((file) => !/^(\.tab-output|[^.]+\.png)$/.test(file))]).toEqual([141, []])
      if (!COMMANDS[name]?.args.includes('--heatmaps')) expect(await snapshot(place.root)).toEqual(before)
    }
  })
})

describe('a run that is stopped', () => {
  test.each(writers)('tab %s leaves nothing', async (name) => {
    const before = await snapshot(place.root)
    const { status, stdout } = await runTab(argsOf(place, name), AbortSignal.abort())
    // The watch ends so by intention, and judged nothing.
    expect([status, stdout]).toEqual(name === 'predict --watch' ? [3, ''] : [130, expect.any(String)])
    expect(await snapshot(place.root)).toEqual(before)
  })
})

const KILL = join(import.meta.dirname, 'kill-at-write.mjs')

/** Runs the command as a process that is killed in the middle of writing. */
async function killed(name: string, ...more: string[]): Promise<void> {
  const child = tabProcess([...argsOf(place, name), ...more], {
    stdio: 'ignore',
    preload: KILL,
    env: { KILL_BELOW: place.out },
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([name, signal]).toEqual([name, 'SIGKILL'])
}

/** A process of the sources takes seconds to compile them; CI runs these rows on the built packages. */
const onBuilt = process.env['TAB_DIST'] === '1' ? test : test.skip

describe('a run that is killed in the middle of writing (TAB_DIST=1)', () => {
  onBuilt.each(writers.filter((name) => !COMMANDS[name]?.isLong))(
    'tab %s leaves nothing that counts, and the next run cleans up',
    async (name) => {
      const before = (await snapshot(place.root)).filter((line) => !line.startsWith('out'))
      await killed(name)
      const left = await below(place.out)
      expect(left.some(isUnfinished)).toBe(true)
      expect(
        left.filter(
          (file) =>
            (written[name]?.files ?? []).includes(file) && !/^(\.tab-output|checkpoint|results\.jsonl)/.test(file),
        ),
      ).toEqual([])
      const args = argsOf(place, name)
      expect((await runTab([...args, ...(name === 'pretrain' ? await trainAgain(args) : [])])).status).toBe(0)
      expect(await below(place.out)).toEqual(written[name]?.files ?? [])
      expect((await snapshot(place.root)).filter((line) => !line.startsWith('out'))).toEqual(before)
    },
    300_000,
  )

  onBuilt(
    'tab fit --overwrite, killed, leaves the earlier detector as it was',
    async () => {
      const file = join(place.out, 'fitted.safetensors')
      await cp(join(place.root, 'detector.safetensors'), file)
      const before = await snapshot(place.root)
      await killed('fit', '--overwrite')
      expect((await snapshot(place.root)).filter((line) => !/\.(lock|tmp)/.test(line))).toEqual(before)
    },
    300_000,
  )
})
