import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runTab } from './run-tab.ts'
import { argsOf, INPUTS, type Workplace } from './table/commands.ts'
import { workplace } from './table/workplace.ts'

let place: Workplace
beforeAll(async () => {
  place = await workplace()
  await writeFile(join(place.root, INPUTS.DATA, 'train/good/phone.heic'), 'a picture that is not read')
}, 300_000)
afterAll(() => rm(place.root, { recursive: true }))

test.each(['fit', 'synth', 'pretrain', 'evaluate'])('tab %s says what is left out of a data set', async (name) => {
  const { status, stdout, stderr } = await runTab(argsOf(place, name))
  expect([status, stdout + stderr]).toEqual([
    0,
    expect.stringMatching(/warning: train\/good\/phone\.heic: .*HEIC|heic/),
  ])
})
