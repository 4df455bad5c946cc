import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { loadBackbone, weightsDigest } from '@tab/model'
import { bundledBackbone } from '@tab/weights/node'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

const small = ['--image-size', '64', '--coreset-ratio', '0.3']

test('without --backbone, tab fit takes the bundled weights, which tab predict finds again', async () => {
  const model = join(mini.folder, 'washers.safetensors')
  expect(await runTab(['fit', '--data', mini.data, '--no-suspects', '--output', model, ...small])).toMatchObject({
    status: 0,
  })
  const { id, bytes } = await bundledBackbone('tab-resnet18')
  const { extractorId, notes } = readDetectorHeader(await readFile(model))
  expect(extractorId).toBe(`resnet18-${weightsDigest(loadBackbone(bytes).backbone)}`)
  expect(notes).toMatchObject({ backbone: { path: id, name: id } })
  const { stdout } = await runTab(['predict', '--model', model, '--json', join(mini.data, 'test/good')])
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toHaveProperty('score')
})

test('without --backbone, tab evaluate does', async () => {
  const output = join(mini.folder, 'report')
  expect(await runTab(['evaluate', '--data', mini.data, '--output', output, ...small])).toMatchObject({ status: 0 })
  const { run } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8')) as { run: { backbone: string } }
  expect(run.backbone).toBe((await bundledBackbone('tab-resnet18')).id)
})

test('without --init, tab pretrain starts from them, and from random weights for another architecture', async () => {
  const trainedFrom = async (
    name: string,
    ...args: string[]
  ): Promise<{ architecture: string; initialWeights: string }> => {
    const output = join(mini.folder, name)
    const short = [
      '--image-size',
      '32',
      '--batch',
      '2',
      '--steps',
      '1',
      '--engine',
      'wasm',
      '--threads',
      '1',
      '--workers',
      '0',
    ]
    const run = [
      'pretrain',
      '--data',
      mini.data,
      '--output',
      output,
      '--validation',
      '0',
      '--set',
      'imageLayer=layer3',
      ...short,
      ...args,
    ]
    expect(await runTab(run)).toMatchObject({ status: 0 })
    return JSON.parse(await readFile(join(output, 'model-card.json'), 'utf8'))
  }
  const { bytes } = await bundledBackbone('tab-resnet18')
  expect(await trainedFrom('default')).toMatchObject({
    architecture: 'resnet18',
    initialWeights: weightsDigest(loadBackbone(bytes).backbone),
  })
  expect(await trainedFrom('deeper', '--architecture', 'resnet34')).toMatchObject({ architecture: 'resnet34' })
})
