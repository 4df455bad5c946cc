import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { readSafetensors, tensor } from '@tab/core'
import {
  createBackbone,
  loadAlignment,
  loadBackbone,
  saveAlignment,
  saveBackbone,
  weightsDigest,
  type Backbone,
} from '@tab/model'
import { bundledFilesModule } from '../scripts/bundled-files-module.ts'
import { makeAlignment } from '../scripts/make-alignment.ts'
import { makeWeights, type Training } from '../scripts/make-weights.ts'
import { cardPage, weightsCard } from '../scripts/model-card.ts'
import type { WeightsPlan } from '../scripts/weights-plan.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A backbone of constant filters and biases, and BatchNorms that change nothing besides. */
function constant(filter: number, bias: number, lastStage: 'layer1' | 'layer2' = 'layer1'): Backbone {
  const backbone = createBackbone({ architecture: 'resnet18', seed: 0, lastStage })
  const parameters = [...backbone.parameters].map(([name, { shape, data }]) => {
    const value = shape.length === 4 ? filter : /bias$/.test(name) ? bias : /mean$/.test(name) ? 0 : 1
    return [name, tensor(shape, new Float32Array(data.length).fill(value))] as const
  })
  return { ...backbone, parameters: new Map(parameters) }
}

const before = constant(0.1, 1)
const initial = { path: 'initial.safetensors', bytes: saveBackbone(before) }
const training = (backbone: Backbone, changes: Partial<Training['card']> = {}): Training => ({
  path: 'run/backbone.safetensors',
  bytes: saveBackbone(backbone),
  card: {
    architecture: 'resnet18',
    initialWeights: weightsDigest(before),
    weights: weightsDigest(backbone),
    seed: 7,
    classes: [
      { name: 'nuts', images: 28, digest: 'a1' },
      { name: 'metal-plate', images: 40, digest: 'b2' },
    ],
    ...changes,
  },
})
const plan: WeightsPlan = {
  id: 'tab-resnet18@1',
  title: 'a test',
  lastStage: 'layer1',
  licence: 'Apache-2.0',
  initial: { name: 'constants', licence: 'MIT', source: 'here', sha256: sha256(initial.bytes) },
  trainings: [{ command: 'tab pretrain --data nuts metal' }],
  share: 0.25,
  data: [
    { name: 'Nuts', licence: 'MIT', source: 'a tree', classes: ['nuts'] },
    { name: 'generated', licence: 'Apache-2.0', source: '@tab/data', classes: ['metal-*'] },
  ],
  use: 'none',
  limits: ['it knows | nothing'],
  figures: [{ title: 'AUROC', columns: ['set', 'value'], rows: [['nuts', '0.5']] }],
}

describe('makeWeights', () => {
  test('averages by the share, rounds to float16, and says in the header how', async () => {
    const { bytes, record } = await makeWeights(plan, initial, [training(constant(0.3, 3))])
    const { entries, metadata } = readSafetensors(bytes)
    expect(new Set([...entries.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']))
    const of = (name: string): Set<number> => new Set(loadBackbone(bytes).backbone.parameters.get(name)?.data)
    // By hand: 0.75 * 0.1 + 0.25 * 0.3 is 0.15, and the nearest half to that is 1229 * 2^-13; 0.75 * 1 + 0.25 * 3 is 1.5.
    expect(of('layer1.1.conv2.weight')).toEqual(new Set([1229 * 2 ** -13]))
    expect(of('bn1.bias')).toEqual(new Set([1.5]))
    expect(JSON.parse(metadata['tab.record'] ?? '')).toEqual(record)
    expect([metadata['tab.id'], metadata['license']]).toEqual(['tab-resnet18@1', 'Apache-2.0'])
    expect(record).toMatchObject({
      layers: ['layer1'],
      share: 0.25,
      initial: { name: 'constants', digest: weightsDigest(before) },
      trainings: [{ command: 'tab pretrain --data nuts metal', card: { seed: 7 } }],
      data: [
        { name: 'Nuts', licence: 'MIT', classes: [{ name: 'nuts', images: 28, digest: 'a1' }] },
        { name: 'generated', classes: [{ name: 'metal-plate', images: 40, digest: 'b2' }] },
      ],
      stored: { dtype: 'float16', largestError: 0.000163 }, // 1229 * 2^-13 / 0.15 - 1
    })
  })

  test('takes the mean of several trainings, and of each the stages that are kept', async () => {
    const deeper = constant(0.4, 9, 'layer2')
    const both = [training(constant(0.2, 3)), training(deeper)]
    const several = { ...plan, share: 1, trainings: [...plan.trainings, ...plan.trainings] }
    const { parameters } = loadBackbone((await makeWeights(several, initial, both)).bytes).backbone
    expect(parameters.get('bn1.bias')?.data[0]).toBe(6)
    expect(parameters.get('conv1.weight')?.data[0]).toBeCloseTo(0.3, 3)
    expect(parameters.has('layer2.0.bn1.bias')).toBe(false)
  })

  test('the same files give the same bytes', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => makeWeights(plan, initial, [training(constant(0.3, 3))])),
    )
    expect(first && sha256(first.bytes)).toBe(second && sha256(second.bytes))
  })

  test('a training that filled what the initial weights lack began with them', async () => {
    const { backbone } = loadBackbone(initial.bytes, { fillMissing: { seed: 7 } })
    await makeWeights(plan, initial, [training(constant(0.3, 3), { initialWeights: weightsDigest(backbone) })])
  })

  const other = createBackbone({ architecture: 'resnet34', seed: 0, lastStage: 'layer1' })
  const [first] = plan.data as [WeightsPlan['data'][number]]
  test.each<[string, Partial<WeightsPlan>, readonly Training[], string]>([
    ['other initial weights', { initial: { ...plan.initial, sha256: 'ab' } }, [training(before)], 'SHA-256 ab, got'],
    ['another architecture', {}, [training(other)], 'resnet18 to layer1'],
    [
      'weights that are not those of the card',
      {},
      [training(before, { weights: 'cd' })],
      'weights cd, as its card says',
    ],
    ['a training from other weights', {}, [training(before, { initialWeights: 'ef' })], 'got ef'],
    ['too few trainings', {}, [], '1 trainings, as the plan has them, got 0'],
    [
      'a training without its command',
      { trainings: [{ command: '' }] },
      [training(before)],
      'the command of each training',
    ],
    ['stages that are not there', { lastStage: 'layer3' }, [training(before)], 'stages to layer3, got layer1'],
    [
      'a class of no known licence',
      { data: [first] },
      [training(before)],
      'one data set of the plan covers, got metal-plate',
    ],
    ['a class of two data sets', { data: [first, ...plan.data] }, [training(before)], 'covers, got nuts'],
    [
      'a data set of no class',
      { data: [...plan.data, { ...first, classes: ['tiles'] }] },
      [training(before)],
      'a class of a training',
    ],
  ])('refuses %s', async (_, changes, trainings, message) => {
    await expect(makeWeights({ ...plan, ...changes }, initial, trainings)).rejects.toThrow(message)
  })
})

test('the card tells licences, commands, digests, figures and limits', async () => {
  const { record } = await makeWeights(plan, initial, [training(constant(0.3, 3))])
  const file = { name: 'tab-resnet18.safetensors', byteLength: 1234567, sha256: 'f00', extractor: 'resnet18-1' }
  const alignment = { name: 'test.alignment.safetensors', byteLength: 1, sha256: 'c0ffee' }
  const page = cardPage(weightsCard(plan, { ...record, file, alignment }))
  for (const part of [
    '# tab-resnet18@1: a test',
    '`tab-resnet18.safetensors`, 1,234,567 bytes',
    '`test.alignment.safetensors`, SHA-256 `c0ffee`',
    '| Nuts | MIT | a tree | 28 |',
    '| metal-plate | generated | 40 | `b2` |',
    '`tab pretrain --data nuts metal`',
    '0.25 of the training;',
    '| nuts | 0.5 |',
    '- it knows | nothing',
    '"seed": 7',
  ]) {
    expect(page).toContain(part)
  }
})

test('the module of the files has them by rising version, each with a literal address', async () => {
  const { record } = await makeWeights(plan, initial, [training(constant(0.3, 3))])
  const of = (version: number) => ({
    ...record,
    id: `tab-resnet18@${version}`,
    file: { name: `v${version}.safetensors`, byteLength: version, sha256: 'f00', extractor: '' },
    alignment: { name: 'a', byteLength: 7, sha256: `ba${version}` },
  })
  const source = bundledFilesModule([of(10), of(2)])
  expect(source.match(/id: '.*'/g)).toEqual(["id: 'tab-resnet18@2'", "id: 'tab-resnet18@10'"])
  expect(source).toContain("new URL('../weights/v2.safetensors', import.meta.url)")
  expect(source.match(/sha256: 'ba.*'/g)).toEqual(["sha256: 'ba2'", "sha256: 'ba10'"])
  expect(bundledFilesModule([])).toContain('= []')
})

test('heads of a training are noted as those of the shipped weights, and of another training are refused', () => {
  const vector = tensor([2], Float32Array.of(0.6, 0.8))
  const trained = saveAlignment({
    ...{
      heads: new Map([['logScale', tensor([], Float32Array.of(2.5))]]),
      imageLayer: 'layer3',
      patchLayers: ['layer2'],
    },
    ...{ prototypes: new Map([['nut', { normal: vector, abnormal: vector }]]), sharedHead: true, backbone: 'trained' },
  })
  const shipped = loadAlignment(makeAlignment('heads', trained, 'trained', 'shipped'))
  expect(shipped).toEqual({ ...loadAlignment(trained), backbone: 'shipped' })
  expect(() => makeAlignment('heads', trained, 'another', 'shipped')).toThrow(
    'heads: an alignment of another, got trained',
  )
})
