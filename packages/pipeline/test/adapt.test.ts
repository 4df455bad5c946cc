import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { loadOrt } from '@tab/backend-onnx/node'
import { readImage } from '@tab/data/node'
import { fitInspector, openInspector } from '../src/index.ts'
import { fit, openInspector as openInNode } from '../src/node/index.ts'
import { miniature, type Miniature } from './miniature.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

const detector = { method: 'patchcore', adapt: true, coresetRatio: 0.2 } as const

test('an adapted detector is one file, which opens on the backbone alone, in Node and by the entry that runs everywhere', async () => {
  const { data, backbone } = mini
  const output = join(mini.folder, 'adapted.safetensors')
  const result = await fit({ data, backbone, output, detector, imageSize: [64, 64], suspects: 'skip', folds: 2 })
  expect(result).toMatchObject({
    method: 'patchcore',
    adapted: true,
    images: { fitted: 5 },
    threshold: expect.any(Number),
  })
  const file = await readFile(output)
  const { method, notes } = readDetectorHeader(file)
  expect([method, notes['layers']]).toEqual(['adapted', ['layer2', 'layer3']])

  const shown = join(data, 'test/good/000.png')
  const inNode = await openInNode({ model: output })
  const anywhere = await openInspector({ detector: file, backbone: await readFile(backbone), ort: await loadOrt() })
  const [{ score, map }, same] = [await inNode.inspect(shown), await anywhere.inspect(await readImage(shown))]
  expect(same.score).toBeCloseTo(score as number, 4)
  expect(map?.shape).toEqual([64, 64])
  inNode.dispose()
  anywhere.dispose()
}, 120_000)

test('fitInspector adapts too, to the images that it is given, and the same each time', async () => {
  const files = [0, 1, 2].map((index) => join(mini.data, `train/good/00${index}.png`))
  const engine = { backbone: await readFile(mini.backbone), ort: await loadOrt() }
  const fitted = async (paths: readonly string[]) => {
    const images = await Promise.all(paths.map((path) => readImage(path)))
    const options = { ...engine, images, method: detector, preparation: { size: [64, 64] as const } }
    const inspector = await fitInspector({ ...options, falsePositiveRate: false })
    const { score } = await inspector.inspect(await readImage(join(mini.data, 'test/good/001.png')))
    inspector.dispose()
    return score
  }
  const once = await fitted(files)
  expect(await fitted(files)).toBe(once)
  expect(await fitted(files.slice(1))).not.toBe(once)
}, 120_000)

test('reference features are refused, naming the field', async () => {
  const spec = { data: mini.data, output: join(mini.folder, 'no.safetensors') }
  await expect(fit({ ...spec, detector: { ...detector, features: 'reference' } })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/spec\.detector\.adapt/),
  })
})
