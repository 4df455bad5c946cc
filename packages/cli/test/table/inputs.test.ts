import { rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createProgram } from '../../src/program.ts'
import { runTab } from '../run-tab.ts'
import { BAD_INPUTS, makeBad } from './bad-inputs.ts'
import { argsOf, COMMANDS } from './commands.ts'
import { canForbid, unprivileged } from './unprivileged.ts'
import { emptyFolder, goodRuns, INPUTS, snapshot, workplace, type Workplace } from './workplace.ts'

const uid = process.geteuid?.() ?? 0
let place: Workplace
beforeAll(async () => {
  place = await workplace()
  await goodRuns(place)
})
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
      const run = () => runTab(argsOf(place, name, { [flag]: path }))
      const { status, stdout, stderr } = bad.needsUser ? await unprivileged(run) : await run()
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.not.stringContaining('    at ') })
      // One line; what is wrong with a data set is listed below it.
      const [message = '', ...list] = stderr.slice(stderr.search(/^tab\b/m)).trimEnd().split('\n')
      expect(message).toMatch(/^tab\b/)
      expect(list.filter((line) => !line.startsWith('  ') || flag === '--model')).toEqual([])
      expect([message.includes(basename(wrong)), message.includes(flag), message]).toContain(true)
      if (bad.says) expect(message).toMatch(bad.says)
      if (name !== 'data check') expect(stdout).toBe('')
      expect(await snapshot(place.root)).toEqual(before)
    } finally {
      await rm(path, { recursive: true, force: true })
      await emptyFolder(place.out)
    }
  })
})

test('the table holds every command and every flag that takes a file, a folder or a model', () => {
  const stream = { write: () => undefined }
  const terminal = { stdout: stream, stderr: stream, signal: new AbortController().signal }
  const leaves: string[] = []
  const visit = (command: ReturnType<typeof createProgram>, above: string): void => {
    for (const child of command.commands) {
      const path = `${above}${child.name()}`
      if (child.commands.length === 0 || child.registeredArguments.length > 0) leaves.push(path)
      visit(child, `${path} `)
    }
  }
  visit(createProgram(terminal, () => undefined), '')
  expect(leaves).toEqual(expect.arrayContaining([]))
})

