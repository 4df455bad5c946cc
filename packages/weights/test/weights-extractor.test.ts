import { describe, expect, test } from '@jest/globals'
import type { FeatureExtractor } from '@tab/core'
import { describeExtractor, ensureClose, randomTensor } from '@tab/core/testing'
import { saveBackbone } from '@tab/model'
import { weightsExtractor, type ForeignDescription } from '@tab/weights'
import fc from 'fast-check'
import * as ort from 'onnxruntime-node'
import { checkForeign } from '../src/foreign-model.ts'
import { anonymous, BACKBONE, described, mean, std } from './foreign-model.ts'

const LAYERS = ['layer2', 'layer3']
const safetensors = saveBackbone(BACKBONE)
const foreign: ForeignDescription = { layers: LAYERS, mean, std }

const ofForeign = (description?: Partial<ForeignDescription>, layers = LAYERS): Promise<FeatureExtractor> =>
  weightsExtractor(anonymous, { ort, format: 'onnx', layers, foreign: description })

describeExtractor('weightsExtractor of a foreign model', {
  create: () => ofForeign(foreign),
  runner: { describe, test },
})

describe('weightsExtractor', () => {
  test('the three forms of the same weights give the same features and the same layers', async () => {
    const images = randomTensor('images', [1, 64, 96, 3])
    const extractors = await Promise.all([
      weightsExtractor(safetensors, { ort, format: 'safetensors', layers: LAYERS }),
      weightsExtractor(described, { ort, format: 'onnx', layers: LAYERS }),
      ofForeign(foreign),
    ])
    const [ours, ...others] = await Promise.all(extractors.map((extractor) => extractor.extract(images, LAYERS)))
    for (const theirs of others) {
      for (const [layer, map] of ours ?? []) ensureClose(layer, theirs.get(layer) ?? map, map, { absolute: 1e-4 })
    }
    const sizes = extractors.map(({ layers }) => layers.filter(({ name }) => LAYERS.includes(name)))
    expect(sizes[0]).toEqual([
      { name: 'layer2', channels: 128, stride: 8 },
      { name: 'layer3', channels: 256, stride: 16 },
    ])
    expect(sizes).toEqual([sizes[0], sizes[0], sizes[0]]) // those of the foreign model were measured
    for (const extractor of extractors) extractor.dispose()
  })

  test('a layer of a foreign model may have another name than its output, and sizes that are given', async () => {
    const layers = [{ name: 'middle', output: 'layer2', channels: 128, stride: 8 }, 'layer3']
    const extractor = await ofForeign({ layers, mean, std }, ['middle'])
    expect(extractor.layers.map(({ name, stride }) => [name, stride])).toEqual([
      ['middle', 8],
      ['layer3', 16],
    ])
    extractor.dispose()
  })

  test('another normalisation is another extractor; another list of the same layers is not', async () => {
    const extractors = await Promise.all([
      ofForeign(foreign),
      ofForeign({ layers: ['layer3'], mean, std }, ['layer3']),
      ofForeign({ ...foreign, mean: [0.5, 0.5, 0.5] }),
    ])
    const [first, second, third] = extractors.map(({ id }) => id)
    expect(first).toBe(second)
    expect(first).not.toBe(third)
    for (const extractor of extractors) extractor.dispose()
  })

  test.each<[string, Partial<ForeignDescription> | undefined, string[], string, string]>([
    ['is not described', undefined, LAYERS, 'INVALID_ARGUMENT', 'layers, mean, std not given'],
    ['has no mean', { layers: LAYERS, std }, LAYERS, 'INVALID_ARGUMENT', '; mean not given'],
    ['lacks an output', { ...foreign, layers: ['layer2', 'layer9'] }, ['layer2'], 'NOT_FOUND', 'got layer9'],
    ['is asked for a layer not listed', foreign, ['layer1'], 'NOT_FOUND', 'layers among layer2, layer3, got layer1'],
    ['has a mean of 0..255', { ...foreign, mean: [123.7, 116.3, 103.5] }, LAYERS, 'INVALID_DATA', 'from 0 to 1'],
  ])('a foreign model that %s is refused', async (_, description, layers, code, message) => {
    await expect(ofForeign(description, layers)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })

  test('a description that nothing needs is refused, not ignored', async () => {
    for (const [bytes, format] of [[described, 'onnx'] as const, [safetensors, 'safetensors'] as const]) {
      await expect(weightsExtractor(bytes, { ort, format, layers: LAYERS, foreign })).rejects.toThrow(
        'describe an ONNX file of another maker; th',
      )
    }
    await expect(weightsExtractor(described, { ort, format: 'onnx', layers: ['layer4'] })).rejects.toThrow(
      'layers among layer1, layer2, layer3, got layer4',
    )
  })
})

describe('checkForeign', () => {
  const triple = fc.tuple(...Array.from({ length: 3 }, () => fc.double({ min: 0.01, max: 1, noNaN: true })))
  const name = fc.string({ minLength: 1 })
  const layer = fc.oneof(
    name,
    fc.record({ name, output: name, stride: fc.integer({ min: 1, max: 64 }) }, { requiredKeys: ['name'] }),
  )
  const nameOf = (one: string | { name: string }): string => (typeof one === 'string' ? one : one.name)
  const valid = fc.record(
    { layers: fc.uniqueArray(layer, { minLength: 1, selector: nameOf }), mean: triple, std: triple },
    { requiredKeys: [] },
  )

  test('takes every description, in whole or in part, as it is', () => {
    fc.assert(fc.property(valid, (value) => expect(checkForeign('x', value)).toBe(value)))
  })

  test('takes nothing else, and says where it stands', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const isOurs = typeof value === 'object' && value !== null && Object.keys(value).length === 0
        if (isOurs && !Array.isArray(value)) return
        expect(() => checkForeign('any.json', value)).toThrow(/^any\.json: /)
      }),
    )
  })

  test.each<[unknown, string]>([
    [{ ...foreign, normalisation: 1 }, 'layers, mean, std, tokens alone in the description, got "normalisation"'],
    [{ ...foreign, layers: [] }, 'layers: one or more feature maps'],
    [{ ...foreign, layers: ['a', 'a'] }, 'layers of different names'],
    [{ ...foreign, layers: [{ name: 'a', channel: 3 }] }, 'name, output, channels, stride alone in a layer'],
    [{ ...foreign, layers: [{ name: 'a', stride: 0 }] }, 'stride of layer a: a whole number above 0, got 0'],
    [{ ...foreign, std: [0, 1, 1] }, 'std: three numbers above 0'],
    [{ ...foreign, mean: [0.5, 0.5] }, 'mean: three numbers'],
    [{ ...foreign, tokens: {} }, 'patchSize of tokens: a whole number above 0'],
    [{ ...foreign, tokens: { patchSize: 14 } }, 'prefix of tokens: a whole number from 0'],
    [{ ...foreign, tokens: { patchSize: 14, prefix: -1 } }, 'prefix of tokens: a whole number from 0, got -1'],
    [{ ...foreign, tokens: { patchSize: 14, prefix: 1, imageSize: 0 } }, 'imageSize of tokens: a whole number above 0'],
    [
      { ...foreign, tokens: { patchSize: 14, prefix: 1, registers: 4 } },
      'patchSize, prefix, imageSize alone in tokens',
    ],
  ])('%j', (value, message) => {
    expect(() => checkForeign('any.json', value)).toThrow(message)
  })
})
