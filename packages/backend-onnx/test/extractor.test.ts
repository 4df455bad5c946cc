import { describe, expect, test } from '@jest/globals'
import { onnxExtractor, type OrtModule } from '@tab/backend-onnx'
import { encodeGraph } from '@tab/backend-onnx/graph'
import { loadOrt } from '@tab/backend-onnx/node'
import { describeExtractor, ensureClose, randomTensor } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-node'

const backbone = createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer3' })
const layers = ['layer1', 'layer2', 'layer3']
const model = exportOnnx(backbone, { layers })
const foreignModel = exportOnnx(backbone, { layers, layout: 'nchw' })

describeExtractor('resnet18 on onnxruntime-node', {
  create: () => onnxExtractor({ ort, model }),
  runner: { describe, test },
})

/** A module that hides the description, so that a model of ours stands for one of another maker. */
const { mean, std } = backbone.normalization
const foreign = {
  layers: [
    { name: 'middle', output: 'layer2', channels: 128, stride: 8 },
    { name: 'layer3', channels: 256, stride: 16 },
  ],
  mean,
  std,
}
const anonymous = Uint8Array.from(foreignModel)
const marker = Buffer.from(anonymous).indexOf('tab.backbone')
anonymous.set(Buffer.from('xab'), marker)

describeExtractor('an ONNX file of another maker', {
  create: () => onnxExtractor({ ort, model: anonymous, foreign }),
  runner: { describe, test },
})

describe('onnxExtractor', () => {
  const written = { version: 1, architecture: 'mine', digest: 'a', layout: 'nhwc', normalization: { mean, std } }
  const one = { name: 'layer2', channels: 128, stride: 8 }
  test.each<[string, unknown]>([
    ['null', null],
    ['no layers', written],
    ['layers that are none', { ...written, layers: [null] }],
    ['channels that are no number', { ...written, layers: [{ ...one, channels: '128' }] }],
    ['a deviation of 0', { ...written, layers: [one], normalization: { mean, std: [0, 1, 1] } }],
    ['an unknown layout', { ...written, layers: [one], layout: 'hwc' }],
  ])('refuses a file that describes itself with %s', async (_, description) => {
    const graph = { name: 'none', inputs: [], outputs: [], initializers: [], nodes: [] }
    const file = encodeGraph({ ...graph, metadata: { 'tab.backbone': JSON.stringify(description) } })
    await expect(onnxExtractor({ ort, model: file })).rejects.toMatchObject({
      name: 'TabError',
      where: 'onnxExtractor',
    })
  })

  test.each<[string, object]>([
    ['no layers', { layers: undefined }],
    ['layers that are none', { layers: [null] }],
    ['a deviation of 0', { std: [0, 1, 1] }],
    ['tokens without patches', { tokens: {} }],
  ])('refuses a description of another maker with %s', async (_, change) => {
    const described = { ...foreign, ...change } as typeof foreign
    await expect(onnxExtractor({ ort, model: anonymous, foreign: described })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
  })

  test('an id names architecture and weights, whatever layers were exported', async () => {
    const { id } = await onnxExtractor({ ort, model })
    expect(id).toMatch(/^resnet18-[0-9a-f]{16}$/)
    expect((await onnxExtractor({ ort, model: foreignModel })).id).toBe(id)
    const other = createBackbone({ architecture: 'resnet18', seed: 3, lastStage: 'layer3' })
    expect((await onnxExtractor({ ort, model: exportOnnx(other, { layers }) })).id).not.toBe(id)
  })

  test('both layouts and a described foreign model give the same features', async () => {
    const images = randomTensor('images', [2, 48, 64, 3])
    const ours = await (await onnxExtractor({ ort, model })).extract(images, ['layer2', 'layer3'])
    const planes = await (await onnxExtractor({ ort, model: foreignModel })).extract(images, ['layer2', 'layer3'])
    const theirs = await (await onnxExtractor({ ort, model: anonymous, foreign })).extract(images, ['middle', 'layer3'])
    for (const [layer, map] of ours) {
      ensureClose('nchw', planes.get(layer) ?? map, map, { absolute: 1e-4 })
      ensureClose('foreign', theirs.get(layer === 'layer2' ? 'middle' : layer) ?? map, map, { absolute: 1e-4 })
    }
    expect(theirs.size).toBe(2)
  })

  test('calls side by side do not disturb each other, and dispose waits for them', async () => {
    const extractor = await onnxExtractor({ ort, model })
    const images = randomTensor('images', [1, 64, 64, 3])
    const running = Array.from({ length: 4 }, () => extractor.extract(images, ['layer1']))
    extractor.dispose()
    const [first, ...rest] = await Promise.all(running)
    for (const other of rest) expect(other).toEqual(first)
  })

  test('says what a model lacks', async () => {
    await expect(onnxExtractor({ ort, model: anonymous })).rejects.toThrow('give its layers, mean and std as `foreign`')
    await expect(onnxExtractor({ ort, model: new TextEncoder().encode('hello') })).rejects.toThrow('not an ONNX file')
    await expect(onnxExtractor({ ort, model: model.slice(0, 5000) })).rejects.toMatchObject({ code: 'INVALID_DATA' })
    const wrong = { ...foreign, layers: [{ name: 'layer9', channels: 1, stride: 1 }] }
    await expect(onnxExtractor({ ort, model: anonymous, foreign: wrong })).rejects.toThrow(
      'outputs among layer1, layer2, layer3, got layer9',
    )
  })

  test('the runtime is loaded by name', async () => {
    const loaded: OrtModule = await loadOrt()
    expect(loaded.InferenceSession).toBeDefined()
  })
})
