import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { run } from '../../src/run.ts'
import { guardOutput } from '../../src/terminal/output-failure.ts'
import { runTab } from '../run-tab.ts'
import { argsOf, COMMANDS, type Workplace } from './commands.ts'
import { emptyFolder, goodRuns, snapshot, workplace, type Written } from './workplace.ts'

let place: Workplace
let written: Readonly<Record<string, Written>>
beforeAll(async () => {
  place = await workplace()
  written = await goodRuns(place)
}, 300_000)
afterEach(() => emptyFolder(place.out))
afterAll(() => rm(place.root, { recursive: true }))

const names = Object.keys(COMMANDS)
const writers = names.filter((name) => COMMANDS[name]?.output)
const below = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).sort()
const isUnfinished = (name: string): boolean => /\.(tmp|lock)$/.test(name)

describe('a reader of the output that went away', () => {
  test.each(names)('tab %s ends quietly, with its result or with none of it', async (name) => {
    // The pipe of a process that has ended, guarded as the command guards its standard output.
    const reader = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(reader, 'exit')
    const controller = new AbortController()
    const said = { text: '' }
    const stderr = { write: (text: string) => void (said.text += text), on: () => undefined }
    const stdout = reader.stdin as unknown as NodeJS.WriteStream
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

const BIN = join(import.meta.dirname, '../../src/bin.ts')
const KILL = join(import.meta.dirname, 'kill-at-write.mjs')

/** Runs the command as a process that is killed in the middle of writing. */
async function killed(name: string): Promise<void> {
  const args = ['--conditions=@tab/source', '--import=tsx', `--import=${KILL}`, BIN, ...argsOf(place, name)]
  const child = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, KILL_BELOW: place.out } })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([name, signal]).toEqual([name, 'SIGKILL'])
}

describe('a run that is killed in the middle of writing', () => {
  test.each(writers.filter((name) => !COMMANDS[name]?.isLong))(
    'tab %s leaves nothing that counts, and the next run cleans up',
    async (name) => {
      const before = (await snapshot(place.root)).filter((line) => !line.startsWith('out'))
      await killed(name)
      const left = await below(place.out)
      expect(left.some(isUnfinished)).toBe(true)
      expect(
        left.filter((file) => (written[name]?.files ?? []).includes(file) && !/^(\.tab-output|checkpoint)/.test(file)),
      ).toEqual([])
      expect((await runTab(argsOf(place, name))).status).toBe(0)
      expect(await below(place.out)).toEqual(written[name]?.files ?? [])
      expect((await snapshot(place.root)).filter((line) => !line.startsWith('out'))).toEqual(before)
    },
    120_000,
  )

  test('tab fit --overwrite, killed, leaves the earlier detector as it was', async () => {
    const file = join(place.out, 'fitted.safetensors')
    await cp(join(place.root, 'detector.safetensors'), file)
    const before = (await snapshot(place.root)).filter((line) => line.includes('.safetensors'))
    await writeFile(join(place.out, 'other.txt'), 'mine')
    const args = argsOf(place, 'fit')
    await killed('fit')
    expect(args).toContain(file)
    expect((await snapshot(place.root)).filter((line) => line.endsWith('.safetensors'))).toEqual(before)
  }, 120_000)
})
