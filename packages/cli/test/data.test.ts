import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeSyntheticDataset } from '@tab/data/node'
import { runTab } from './run-tab.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-cli-data-'))
  await writeSyntheticDataset(join(folder, 'washers'), {
    part: 'washer',
    size: [32, 32],
    seed: 1,
    train: 2,
    good: 1,
    perDefect: 1,
    defects: ['dent'],
  })
})
afterAll(() => rm(folder, { recursive: true }))

describe('tab data check', () => {
  test('prints what a sound data set holds', async () => {
    const { status, stdout, stderr } = await runTab(['data', 'check', join(folder, 'washers')])
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /washers, mvtec-ad\n[^]*│ train +│ good +│ +2 │ +0 │[^]*│ test +│ dent +│ +1 │ +1 │[^]*\nno problems\n$/,
    )
    expect(stderr).toContain('check images 4/4')
  })

  test('lists problems and says so by its exit status; JSON has them all', async () => {
    await writeFile(join(folder, 'washers/train/good/000.png'), 'no image')
    await writeFile(join(folder, 'washers/test/odd.heic'), '')
    const { status, stdout, stderr } = await runTab(['data', 'check', join(folder, 'washers')])
    expect(status).toBe(1)
    expect(stdout).toMatch(
      /problems:\n {2}train\/good\/000.png: is not a readable image: .*\n {2}test\/odd.heic: has no place/,
    )
    expect(stderr).toMatch(/washers: 2 problems \(1 unreadable, 1 unknown-file\)\n$/)
    const json = await runTab(['data', 'check', folder, '--category', 'washers', '--json'])
    expect(json.status).toBe(1)
    const report = JSON.parse(json.stdout) as {
      layout: string
      categories: string[]
      problems: { kind: string; path: string }[]
    }
    expect([report.layout, report.categories]).toEqual(['mvtec-ad', ['washers']])
    expect(report.problems.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'unreadable washers/train/good/000.png',
      'unknown-file washers/test/odd.heic',
    ])
  })

  test.each([
    [['data', 'check'], 64, "missing required argument 'dir'"],
    [['data', 'chekc', '.'], 64, 'Did you mean check'],
    [['data', 'check', '.', '--layout', 'mvtec'], 64, 'Allowed choices are manifest, visa'],
    [['data', 'check', '/nowhere'], 1, 'a folder, got /nowhere, which does not exist'],
  ])('%j: %i, %s', async (args, wanted, message) => {
    const { status, stderr } = await runTab(args)
    expect([status, stderr]).toEqual([wanted, expect.stringContaining(message)])
  })

  test('stops when asked', async () => {
    expect(await runTab(['data', 'check', join(folder, 'washers')], AbortSignal.abort())).toEqual({
      status: 130,
      stdout: '',
      stderr: 'stopped\n',
    })
  })
})
