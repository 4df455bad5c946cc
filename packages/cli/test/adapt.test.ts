import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

test('tab fit --adapt says so, and tab predict needs nothing but the file', async () => {
  const model = join(mini.folder, 'adapted.safetensors')
  const flags = [
    '--data',
    mini.data,
    '--backbone',
    mini.backbone,
    '--image-size',
    '64',
    '--no-suspects',
    '--folds',
    '2',
  ]
  const fitted = await runTab(['fit', ...flags, '--output', model, '--adapt'])
  expect(fitted).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^patchcore on .*, adapted: 5 good images fitted/),
  })
  const beside = (await readdir(mini.folder)).filter((name) => name.startsWith('adapted'))
  expect(beside).toEqual(['adapted.safetensors'])
  const predicted = await runTab(['predict', '--model', model, '--json', join(mini.data, 'train/good')])
  expect(predicted.status).toBe(0)
  const scores = predicted.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { score: number }).score)
  expect(scores.map(Number.isFinite)).toEqual([true, true, true, true, true])
}, 120_000)

test('another method has no --adapt', async () => {
  const flags = ['--data', mini.data, '--output', join(mini.folder, 'no.safetensors')]
  const { status, stderr } = await runTab(['fit', ...flags, '--detector', 'padim', '--adapt'])
  expect([status, stderr]).toEqual([64, expect.stringContaining('--adapt is not an option of padim')])
})
