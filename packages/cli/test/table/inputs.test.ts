import { rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Command } from 'commander'
import { createProgram } from '../../src/program.ts'
import { runTab } from '../run-tab.ts'
import { BAD_INPUTS, makeBad } from './bad-inputs.ts'
import { argsOf, COMMANDS, INPUTS, type Workplace } from './commands.ts'
import { canForbid, unprivileged } from './unprivileged.ts'
import { emptyFolder, goodRuns, snapshot, workplace } from './workplace.ts'

const uid = process.geteuid?.() ?? 0
let place: Workplace
beforeAll(async () => {
  place = await workplace()
  await goodRuns(place)
}, 300_000)
afterEach(() => void process.seteuid?.(uid)) // of a row that did not end
afterAll(() => rm(place.root, { recursive: true }))

/** The good input that a flag, or the word of an argument, has in a row of the table. */
function goodInput(name: string, flag: string): string {
  const words = (COMMANDS[name]?.args ?? '').split(' ')
  const word = words[words.indexOf(flag) + (flag.startsWith('--') ? 1 : 0)] as string
  return INPUTS[word as keyof typeof INPUTS] ?? INPUTS.CLIP // `lexical` is no file
}

const rows = Object.entries(COMMANDS).flatMap(([name, { inputs }]) =>
  Object.entries(inputs).flatMap(([flag, kind]) => BAD_INPUTS[kind].map((bad) => [name, flag, bad.name, bad] as const)),
)

describe('an input that is bad', () => {
  test.each(rows)('tab %s, %s %s', async (name, flag, _, bad) => {
    if (bad.needsUser && !canForbid) return void process.stderr.write('permissions cannot be tried here\n')
    const good = goodInput(name, flag)
    const path = join(place.root, `bad-${name.replaceAll(' ', '')}${extname(good)}`)
    const wrong = await makeBad(join(place.root, good), path, bad)
    try {
      const before = await snapshot(place.root)
      const run = () => runTab(argsOf(place, name, { [flag]: path }), AbortSignal.timeout(30_000)) // a watch never ends by itself
      const { status, stdout, stderr } = bad.needsUser ? await unprivileged(run) : await run()
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.not.stringContaining('    at ') })
      // One line; what is wrong with a data set is listed below it, or by `data check` above it.
      const [message = '', ...list] = stderr
        .slice(stderr.search(/^tab\b/m))
        .trimEnd()
        .split('\n')
      expect(list.filter((line) => !line.startsWith('  ') || !['data', 'images'].includes(kind(name, flag)))).toEqual(
        [],
      )
      const said = name === 'data check' ? message + stdout : message
      expect(said).toContain(said.includes(basename(wrong)) ? basename(wrong) : flag)
      if (bad.says) expect(said).toMatch(bad.says)
      if (name !== 'data check') expect(stdout).toBe('')
      // Heatmaps of images that were judged before it stay: each is whole.
      const kept = name === 'predict --heatmaps' ? /^out\/(.tab-output|[^.]+\.png) / : /^$/
      expect((await snapshot(place.root)).filter((line) => !kept.test(line))).toEqual(before)
    } finally {
      await rm(path, { recursive: true, force: true })
      await emptyFolder(place.out)
    }
  })
})

function kind(name: string, flag: string): string {
  return COMMANDS[name]?.inputs[flag] ?? ''
}

test('the table holds every command and every flag that takes a file, a folder or a model', () => {
  const stream = { write: () => undefined }
  const terminal = { stdout: stream, stderr: stream, signal: new AbortController().signal }
  const found: Record<string, string[]> = {}
  const visit = (command: Command, above: string): void => {
    for (const child of command.commands) {
      const name = `${above}${child.name()}`
      const takes = child.options.filter(({ flags }) => /<(file|dirs?|paths?|weights|id)\b/.test(flags))
      if (child.registeredArguments.length + takes.length > 0 || child.commands.length === 0)
        found[name] = [
          ...takes.map(({ long }) => long as string),
          ...child.registeredArguments.map(() => 'DATA'),
        ].sort()
      visit(child, `${name} `)
    }
  }
  visit(
    createProgram(terminal, () => undefined),
    '',
  )
  const listed: Record<string, string[]> = {}
  for (const [name, { args, inputs, output }] of Object.entries(COMMANDS)) {
    const command = name.replace(/ --.*/, '')
    listed[command] = [
      ...new Set([...(listed[command] ?? []), ...Object.keys(inputs), ...(output ? [output] : [])]),
    ].sort()
    expect(args.startsWith(command)).toBe(true)
  }
  for (const [name, flags] of Object.entries(found)) {
    expect([name, listed[name]]).toEqual([name, flags])
  }
})
