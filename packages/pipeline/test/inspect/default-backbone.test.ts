import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { createBackbone, saveBackbone } from '@tab/model'
import { syntheticParts } from '@tab/data'
import { bundledBackbone } from '@tab/weights/node'
import * as ort from 'onnxruntime-node'
import * as browser from '../../src/browser/index.ts'
import { fitInspector, openInspector } from '../../src/node/index.ts'

const parts = syntheticParts({ part: 'brushed-metal', size: [48, 48], seed: 2 })
const images = [0, 1, 2, 3, 4].map((index) => parts.normal(index).image)
const dent = parts.anomalous(9, 'dent').image
const settings = { images, method: { method: 'patchcore', coresetSize: 30 }, preparation: { size: [48, 48] } } as const

test('a detector is fitted on the bundled backbone, and opens with the one that it notes', async () => {
  const [fitted, named] = [await fitInspector(settings), await fitInspector({ ...settings, backbone: 'tab-resnet18' })]
  const file = await fitted.save()
  const inspectors = [fitted, named, await openInspector({ model: file })]
  const scores = await Promise.all(inspectors.map(async (inspector) => (await inspector.inspect(dent)).score))
  expect(scores).toEqual(Array(3).fill(scores[0]))
  for (const inspector of inspectors) inspector.dispose()
  const { id } = await bundledBackbone('tab-resnet18')
  expect(readDetectorHeader(file).notes).toMatchObject({ backbone: { path: id, name: id } })
})

test('in a page they are fetched: there is no server here to do so', async () => {
  const file = 'in Node, import bundledBackbone from @tab/weights/node'
  await expect(browser.fitInspector({ ...settings, ort })).rejects.toThrow(file)
  const fitted = await fitInspector(settings)
  const model = await fitted.save()
  fitted.dispose()
  await expect(browser.openInspector({ model, ort })).rejects.toThrow(file)
})

test('a page needs a backbone for a detector that notes another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tab-default-'))
  const backbone = join(folder, 'resnet18.safetensors')
  await writeFile(backbone, saveBackbone(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer3' })))
  const fitted = await fitInspector({ ...settings, backbone })
  const model = await fitted.save()
  fitted.dispose()
  await rm(folder, { recursive: true })
  await expect(browser.openInspector({ model, ort })).rejects.toThrow(
    'an extractor, or a backbone with ort, got neither',
  )
})
