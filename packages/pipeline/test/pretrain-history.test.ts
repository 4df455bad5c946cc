import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createBackbone, saveBackbone } from '@tab/model'
import type { StepRecord } from '@tab/model/training'
import { pretrain, type PretrainTask } from '../src/node/pretrain/pretrain.ts'
import { stepHistory } from '../src/node/pretrain/step-history.ts'
import { smallDisk, type SmallDisk } from '../../cli/test/table/full-disk.ts'
import { miniature, type Miniature } from './miniature.ts'

let mini: Miniature
let whole: string // the folder of a training without any trouble
let disk: SmallDisk | undefined
beforeAll(async () => {
  mini = await miniature()
  await writeFile(
    mini.backbone,
    saveBackbone(createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer1' })),
  )
  whole = join(mini.folder, 'whole')
  await train(whole)
  disk = await smallDisk(join(mini.folder, 'small'), 16)
})
afterEach(() => disk?.free())
afterAll(async () => {
  await disk?.[Symbol.asyncDispose]()
  await rm(mini.folder, { recursive: true })
})

async function train(output: string, task: PretrainTask = {}, resume = false): Promise<string> {
  await pretrain(
    {
      ...{ data: [mini.data], output, init: mini.backbone, textModel: 'lexical', workers: 0, seed: 1, resume },
      ...{ engine: 'wasm', threads: 1, validation: 0 },
      settings: {
        ...{ steps: 4, pairs: 2, imageSize: 32 },
        ...{ imageLayer: 'layer1', patchLayers: ['layer1'], trainableStages: ['layer1'] },
      },
    },
    task,
  )
  return readFile(join(output, 'history.jsonl'), 'utf8')
}

/** What is the same in every run: all but speed. */
const told = (history: string): object[] =>
  history
    .trim()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as StepRecord), imagesPerSecond: 0, waitedSeconds: 0 }))

describe('the history of a training', () => {
  test('that met a full disk between the records and the state, and resumes: each step once, as without it', async () => {
    if (!disk) return void process.stderr.write('no small disk can be mounted here\n')
    const small = disk
    const output = join(small.folder, 'out')
    const fills: Promise<void>[] = []
    const failed = train(output, {
      onStep: ({ step }) => void (step === 3 && fills.push(small.leave(3 * 4096))), // room for records, not for a state
    })
    await expect(failed).rejects.toThrow(/ENOSPC|no space/)
    await Promise.all(fills)
    const left = await readFile(join(output, 'checkpoint', 'history.jsonl'), 'utf8')
    expect(told(left).length).toBeGreaterThanOrEqual(3)
    await small.free()
    expect(told(await train(output, {}, true))).toEqual(told(await readFile(join(whole, 'history.jsonl'), 'utf8')))
  })

  test.each([
    ['missing', undefined, /ENOENT/],
    ['without its first line', (text: string) => text.replace(/^.*\n/, ''), /step 2 in line 1/],
    ['cut off within a line', (text: string) => text.slice(0, -20), /JSON/],
    ['cut off after a line', (text: string) => text.replace(/.*\n$/, ''), /4 steps of the checkpoint, got 3 records/],
  ] as const)('%s, is no history to resume with', async (_, spoil, says) => {
    const output = join(mini.folder, 'spoilt')
    const file = join(output, 'checkpoint', 'history.jsonl')
    await cp(whole, output, { recursive: true })
    await (spoil ? writeFile(file, spoil(await readFile(file, 'utf8'))) : rm(file))
    const resumed = train(output, {}, true)
    await expect(resumed).rejects.toMatchObject({ code: 'INVALID_DATA', message: expect.stringContaining(file) })
    await expect(resumed).rejects.toThrow(says)
  })

  test('before a later step, records that a checkpoint lacks are dropped, and those that are missing are an error', async () => {
    const file = join(mini.folder, 'history.jsonl')
    const record = (step: number, loss: number) => ({ step, loss }) as StepRecord
    await writeFile(file, [1, 2, 3].map((step) => `${JSON.stringify(record(step, 1))}\n`).join(''))
    const history = await stepHistory(file, true)
    history.add(record(2, 5))
    expect(history.records.map(({ step, loss }) => [step, loss])).toEqual([
      [1, 1],
      [2, 5],
    ])
    expect(() => history.add(record(4, 1))).toThrow('a record of each of the 3 steps of the checkpoint, got 2 records')
  })
})
