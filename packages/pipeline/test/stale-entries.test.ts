import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { claimOutput } from '../src/node/files/claim-output.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-stale-'))
  for (const name of ['model', 'sheet', 'mine']) await writeFile(join(folder, name), `old ${name}`)
})
afterEach(() => rm(folder, { recursive: true }))

const claim = () => claimOutput(folder, ['model', 'sheet'], true, { optional: ['sheet'] })

test('what an earlier run left of an optional entry goes with the results that it was of, and nothing else does', async () => {
  {
    await using held = await claim()
    await held.publish({ model: 'new' })
  }
  expect((await readdir(folder)).sort()).toEqual(['mine', 'model'])
  expect(await readFile(join(folder, 'model'), 'utf8')).toBe('new')
})

test('an optional entry that is written replaces the earlier one', async () => {
  {
    await using held = await claim()
    await held.publish({ model: 'new', sheet: 'new' })
  }
  expect(await readFile(join(folder, 'sheet'), 'utf8')).toBe('new')
})

test('where the run fails, it stays', async () => {
  await expect(
    (async () => {
      await using held = await claim()
      await held.fill(() => Promise.reject(new Error('no')))
    })(),
  ).rejects.toThrow('no')
  expect((await readdir(folder)).sort()).toEqual(['mine', 'model', 'sheet'])
  expect(await readFile(join(folder, 'sheet'), 'utf8')).toBe('old sheet')
})
