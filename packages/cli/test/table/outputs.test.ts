import * as disk from 'node:fs/promises'
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type * as Tools from './workplace.ts'
import type { Outcome } from '../run-tab.ts'
import { argsOf, COMMANDS, type Workplace } from './commands.ts'
import { smallDisk, type SmallDisk } from './full-disk.ts'
import { canForbid, unprivileged } from './unprivileged.ts'

/** Stands for a disk with no room left, which takes half of what is written; everything else of it works. */
let isFull = false
jest.unstable_mockModule('node:fs/promises', () => ({
  ...disk,
  default: disk,
  async writeFile(...[file, content, options]: Parameters<typeof writeFile>) {
    if (!isFull) return disk.writeFile(file, content, options)
    if (typeof content === 'string') await disk.writeFile(file, content.slice(0, content.length / 2))
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
  },
}))

const uid = process.geteuid?.() ?? 0
let runTab: (args: readonly string[]) => Promise<Outcome>
let tools: typeof Tools
let place: Workplace
let small: SmallDisk | undefined
let written: Readonly<Record<string, Tools.Written>>
beforeAll(async () => {
  ;({ runTab } = await import('../run-tab.ts'))
  tools = await import('./workplace.ts')
  place = await tools.workplace()
  written = await tools.goodRuns(place)
  small = await smallDisk(join(place.root, 'small'), 16)
}, 300_000)
afterEach(async () => {
  process.seteuid?.(uid)
  await tools.emptyFolder(place.out)
  if (small) await rm(join(small.folder, 'out'), { recursive: true, force: true })
})
afterAll(async () => {
  await small?.[Symbol.asyncDispose]()
  await rm(place.root, { recursive: true })
})

const PAGE = 4096
const writers = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.output)
const outputFlag = (name: string): string => COMMANDS[name]?.output as string
const theFile = (name: string): string => COMMANDS[name]?.file ?? ''
const ended = writers.filter((name) => !COMMANDS[name]?.isLong)

/** Work that is kept on purpose, each file whole: heatmaps of images that were judged, the checkpoint of a training, rows of a benchmark. */
const KEPT = /^(small\/)?out\/(\.tab-output .*|[^./]+\.png .*|results\.jsonl .*|checkpoint\/(\w+\.\w+ .*)?)?$/

/** What went wrong in one line that names the flag or says what the disk said, and that nothing is new or other in the workplace. */
async function expectRefusal(outcome: Outcome, before: readonly string[], says: RegExp, keeps = false): Promise<void> {
  const { status, stderr } = outcome
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^tab: [^\n]*\n$/m) })
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(says)
  const after = await tools.snapshot(place.root)
  expect(after.filter((line) => before.includes(line) || !(keeps && KEPT.test(line)))).toEqual(before)
}

describe('an output that cannot be written', () => {
  test.each(writers)('tab %s, into a folder that is read-only', async (name) => {
    if (!canForbid) return void process.stderr.write('permissions cannot be tried here\n')
    const folder = join(place.out, 'read-only')
    await mkdir(folder)
    await chmod(folder, 0o555)
    const before = await tools.snapshot(place.root)
    const run = () => runTab(argsOf(place, name, { [outputFlag(name)]: join(folder, theFile(name)) }))
    const outcome = await unprivileged(run)
    await expectRefusal(outcome, before, /read-only.*(EACCES|permission denied)/)
    expect(outcome.stderr).toContain(outputFlag(name))
  })

  test.each(writers)('tab %s, below a file', async (name) => {
    await writeFile(join(place.out, 'file'), 'mine')
    const before = await tools.snapshot(place.root)
    const outcome = await runTab(
      argsOf(place, name, { [outputFlag(name)]: join(place.out, 'file', 'x', theFile(name)) }),
    )
    await expectRefusal(outcome, before, /file.*ENOTDIR/)
    expect(outcome.stderr).toContain(outputFlag(name))
  })

  test.each(writers)('tab %s, of another type: a file for a folder, a folder for a file', async (name) => {
    const path = join(place.out, theFile(name) || 'taken')
    await (theFile(name) ? mkdir(path) : writeFile(path, 'mine'))
    const before = await tools.snapshot(place.root)
    const outcome = await runTab(argsOf(place, name, { [outputFlag(name)]: path }))
    await expectRefusal(outcome, before, /exists|ENOTDIR|EEXIST|is a folder/)
    expect(outcome.stderr).toContain(outputFlag(name))
  })
})

describe('an output that exists', () => {
  test.each(ended.filter((name) => !['predict --heatmaps', 'benchmark'].includes(name)))(
    'tab %s keeps it without --overwrite',
    async (name) => {
      for (const file of written[name]?.files ?? []) {
        if (/\.[a-z]+$/.test(file)) await disk.mkdir(join(place.out, file, '..'), { recursive: true })
        if (/\.[a-z]+$/.test(file)) await writeFile(join(place.out, file), 'mine')
      }
      const before = await tools.snapshot(place.root)
      const outcome = await runTab(argsOf(place, name))
      await expectRefusal(outcome, before, /^tab: --output: .* exists; use --overwrite or another (folder|file)/)
    },
  )
})

describe('a full disk', () => {
  const full = /ENOSPC|no space left on device/i

  test.each(ended.filter((name) => name !== 'synth'))('tab %s, when it is first written to', async (name) => {
    const before = await tools.snapshot(place.root)
    isFull = true
    const outcome = await runTab(argsOf(place, name)).finally(() => (isFull = false))
    await expectRefusal(outcome, before, full, true)
  })

  // `demo` draws its parts first, and meets the end of the disk there.
  const trials = writers
    .filter((name) => name !== 'predict --watch')
    .flatMap((name) => [[name, 'all'] as const, [name, 'most'] as const])
  test.each(trials)('tab %s, %s of it taken: then it is free again, and the result is whole', async (name, taken) => {
    if (!small)
      return void process.stderr.write('no small disk can be mounted here; the simulated one is tried above\n')
    const output = join(small.folder, 'out', theFile(name))
    const args = argsOf(place, name, { [outputFlag(name)]: output })
    const { claims = 0, isLong } = COMMANDS[name] ?? {}
    await small.leave(taken === 'all' ? 0 : PAGE * claims + (written[name]?.bytes ?? 0) / 2)
    const before = await tools.snapshot(place.root)
    const outcome = await runTab(args)
    await small.free()
    await expectRefusal(
      outcome,
      before.filter((line) => !line.includes('.filler')),
      full,
      true,
    )
    if (taken === 'all' || isLong) return
    expect(
      (await runTab([...args, ...(name === 'pretrain' ? await tools.trainAgain(args) : again(name))])).status,
    ).toBe(0)
    expect((await readdir(join(small.folder, 'out'), { recursive: true })).sort()).toEqual(written[name]?.files)
  })

  /** Heatmaps of the images that were judged before are replaced, so that none has a number. */
  function again(name: string): string[] {
    return name === 'predict --heatmaps' ? ['--overwrite'] : []
  }
})
