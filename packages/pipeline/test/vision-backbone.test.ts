import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { fit, openInspector } from '@tab/pipeline/node'
import { miniature, type Miniature } from './miniature.ts'

const MODELS = fileURLToPath(new URL('../../weights/test/golden/vision/', import.meta.url))

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

test('a folder of the hub is a backbone: the file notes how its tokens lie, and opens', async () => {
  const output = join(mini.folder, 'vision.safetensors')
  const detector = { method: 'subspace', components: 3 } as const
  const { backbone } = await fit({
    data: mini.data,
    backbone: join(MODELS, 'dinov3'),
    output,
    imageSize: [64, 48],
    detector,
  })
  expect(backbone).toBe('dinov3')
  const { notes } = readDetectorHeader(await readFile(output))
  expect(notes['layers']).toEqual(['last_hidden_state'])
  expect(notes['backbone']).toMatchObject({
    path: join(MODELS, 'dinov3'),
    foreign: {
      layers: [{ name: 'last_hidden_state', channels: 8, stride: 16 }],
      tokens: { patchSize: 16, prefix: 5, imageSize: 224 },
    },
  })
  const inspector = await openInspector({ model: output })
  const { map, score } = await inspector.inspect(join(mini.data, 'train', 'good', '000.png'))
  expect(map?.shape).toEqual([64, 48])
  expect(score).toBeGreaterThan(0)
  inspector.dispose()
})

test('an image size that its patches do not fill is refused before anything is fitted', async () => {
  const output = join(mini.folder, 'odd.safetensors')
  const attempt = fit({ data: mini.data, backbone: join(MODELS, 'dinov3'), output, imageSize: [60, 60] })
  await expect(attempt).rejects.toThrow(/multiples of 16 pixels, the side of a patch, such as 224 x 224, got 60 x 60/)
})
