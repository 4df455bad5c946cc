import { describe, expect, test } from '@jest/globals'
import { isTabError, readSafetensors, tensor, tensorOf, writeSafetensors, type DType, type Tensor } from '@tab/core'
import { loadAlignment, saveAlignment, type Alignment } from '@tab/model'

const vector = tensor([2], Float32Array.of(0.6, 0.8))
const alignment: Alignment = {
  heads: new Map([['logScale', tensor([], Float32Array.of(2.6))]]),
  prototypes: new Map([['__proto__', { normal: vector, abnormal: vector }]]),
  imageLayer: 'layer3',
  patchLayers: ['layer2', 'layer3'],
  sharedHead: true,
  backbone: '36c1a0ddeb7a8d0c',
}
const file = saveAlignment(alignment)

/** The file with a part of its description, or a tensor, replaced. */
function changed(change: object, tensors: Readonly<Record<string, Tensor<DType>>> = {}): Uint8Array {
  const { entries, metadata } = readSafetensors(file)
  const all = new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
  for (const [name, value] of Object.entries(tensors)) all.set(name, value)
  const description = { ...(JSON.parse(metadata['tab.alignment'] as string) as object), ...change }
  return writeSafetensors(all, { 'tab.alignment': JSON.stringify(description) })
}

describe('loadAlignment', () => {
  test('a class may have any name', () => {
    expect(loadAlignment(file)).toEqual(alignment)
  })

  const halves = tensorOf('float64', [2], Float64Array.of(0.6, 0.8))
  test.each<[string, Uint8Array, string]>([
    ['a description that is null', writeSafetensors({}, { 'tab.alignment': 'null' }), 'tab.alignment/1, got none'],
    ['a schema to come', changed({ schema: 'tab.alignment/2' }), 'got "tab.alignment/2"'],
    ['no classes', changed({ classes: undefined }), 'tab.alignment with classes'],
    ['classes in an object', changed({ classes: { length: 1 } }), 'tab.alignment with classes'],
    ['a class twice', changed({ classes: ['__proto__', '__proto__'] }), 'tab.alignment with classes'],
    ['a layer that no network has', changed({ imageLayer: 'layer9' }), 'layer1, layer2, layer3, layer4'],
    ['a layer in place of layers', changed({ patchLayers: 'layer2' }), 'tab.alignment with classes'],
    ['an unknown key', changed({ extra: 1 }), 'extra'],
    ['a class without vectors', changed({ classes: ['nut'] }), 'a tensor "prototypes/normal/nut", got none'],
    ['float64', changed({}, { 'prototypes/normal/__proto__': halves }), 'float32 in "prototypes/normal/__proto__"'],
    [
      'vectors of two lengths',
      changed({}, { 'prototypes/normal/__proto__': tensor([1], Float32Array.of(1)) }),
      'two vectors [D] of "__proto__", got [1] and [2]',
    ],
  ])('refuses %s', (_, bytes, message) => {
    let error: unknown
    try {
      loadAlignment(bytes)
    } catch (thrown) {
      error = thrown
    }
    expect(isTabError(error)).toBe(true)
    expect(String(error)).toContain(message)
  })
})
