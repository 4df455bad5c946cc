import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { loadExtractor, type LoadExtractorOptions } from '@tab/weights/node'
import { anonymous, described, mean, std } from './foreign-model.ts'

let folder: string
let model: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-weights-'))
  model = join(folder, 'any.onnx')
  await writeFile(model, anonymous)
})
afterEach(() => rm(folder, { recursive: true }))

const beside = (content: unknown): Promise<void> =>
  writeFile(join(folder, 'any.json'), typeof content === 'string' ? content : JSON.stringify(content))

async function open(options?: LoadExtractorOptions): Promise<string[]> {
  const { extractor } = await loadExtractor(model, ['layer2'], options)
  extractor.dispose()
  return [extractor.id, ...extractor.layers.map(({ name, channels, stride }) => `${name} ${channels}/${stride}`)]
}

describe('an ONNX file of another maker', () => {
  test('is described by the JSON beside it, or by the caller, whose word counts more', async () => {
    await beside({ layers: ['layer2', 'layer3'], mean, std })
    const [id, ...layers] = await open()
    expect(layers).toEqual(['layer2 128/8', 'layer3 256/16'])
    expect(await open({ foreign: { layers: ['layer2'] } })).toEqual([id, 'layer2 128/8'])
    expect((await open({ foreign: { mean: [0.5, 0.5, 0.5] } }))[0]).not.toBe(id)
    await rm(join(folder, 'any.json'))
    expect(await open({ foreign: { layers: ['layer2', 'layer3'], mean, std } })).toEqual([id, ...layers])
  })

  test.each<[string, unknown, LoadExtractorOptions, string]>([
    [
      'nothing',
      undefined,
      {},
      'weights MODEL: an ONNX file of another maker must be described by layers, mean and std; mean, std not given: give',
    ],
    [
      'no mean',
      { layers: ['layer2'], std },
      { where: '--backbone' },
      '--backbone MODEL: an ONNX file of another maker must be described by layers, mean and std; mean not given',
    ],
    ['a layer too many', { layers: ['layer9'], mean, std }, {}, 'outputs among layer1, layer2, layer3, got layer9'],
    ['other layers', { layers: ['layer3'], mean, std }, {}, 'weights MODEL: layers among layer3, got layer2'],
    ['no JSON', '{ layers: ', {}, 'any.json: not JSON'],
    ['a wrong field', { layers: ['layer2'], mean, std: 1 }, {}, 'any.json: std: three numbers'],
  ])('described by %s is refused', async (_, description, options, message) => {
    if (description !== undefined) await beside(description)
    await expect(open(options)).rejects.toThrow(message.replace('MODEL', model))
  })
})

test('a JSON beside a file that says itself what it is belongs to something else', async () => {
  await writeFile(model, described)
  await beside({ epochs: 3 })
  expect((await open())[0]).toMatch(/^resnet18-/)
})

test('what cannot be read is named as the caller calls it', async () => {
  const absent = join(folder, 'none.onnx')
  await expect(loadExtractor(absent, [], { where: 'spec.backbone' })).rejects.toThrow(
    /^spec\.backbone: .*does not exist/,
  )
})
