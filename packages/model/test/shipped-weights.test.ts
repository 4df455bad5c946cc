import { describe, expect, test } from '@jest/globals'
import { tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'
import {
  averageBackbones,
  createBackbone,
  IMAGENET_NORMALIZATION,
  loadBackbone,
  saveBackbone,
  weightsDigest,
  withoutBatchNorm,
  type Backbone,
} from '@tab/model'
import { literalForward } from './literal-forward.ts'
import { narrowBackbone } from './narrow-backbone.ts'

/** A backbone with the same value in every parameter of a part. */
function filled(values: { stem: number; layer1: number; layer2: number }): Backbone {
  const backbone = createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer2' })
  const parameters = [...backbone.parameters].map(([name, { shape, data }]) => {
    const value = name.startsWith('layer1') ? values.layer1 : name.startsWith('layer2') ? values.layer2 : values.stem
    return [name, tensor(shape, new Float32Array(data.length).fill(value))] as const
  })
  return { ...backbone, parameters: new Map(parameters) }
}

/** The values of some parameters of each part, a convolution or a part of a BatchNorm. */
function valuesOf({ parameters }: Backbone): Record<string, number[]> {
  const names = [
    'conv1.weight',
    'bn1.running_var',
    'layer1.0.bn2.bias',
    'layer1.1.conv1.weight',
    'layer2.0.downsample.0.weight',
  ]
  return Object.fromEntries(names.map((name) => [name, [...new Set(parameters.get(name)?.data)]]))
}

describe('averageBackbones', () => {
  const first = filled({ stem: 1, layer1: 2, layer2: 3 })
  const second = filled({ stem: 5, layer1: -2, layer2: 11 })

  // By hand: first + share * (second - first), where the differences are 4, -4 and 8.
  test.each<[string, Parameters<typeof averageBackbones>[2], [number, number, number]]>([
    ['half-way by default', undefined, [3, 0, 7]],
    ['by one share for all parts', 0.25, [2, 1, 5]],
    ['by shares per part, of which the others stay', { layer1: 1, layer2: 0.125 }, [1, -2, 4]],
    ['with a share of the stem', { stem: 0.75 }, [4, 2, 3]],
    ['not at all', 0, [1, 2, 3]],
    ['entirely', 1, [5, -2, 11]],
  ])('%s', (_, share, [stem, layer1, layer2]) => {
    expect(valuesOf(averageBackbones(first, second, share))).toEqual({
      'conv1.weight': [stem],
      'bn1.running_var': [stem],
      'layer1.0.bn2.bias': [layer1],
      'layer1.1.conv1.weight': [layer1],
      'layer2.0.downsample.0.weight': [layer2],
    })
  })

  test('changes neither backbone', () => {
    const digests = [first, second].map(weightsDigest)
    averageBackbones(first, second)
    expect([first, second].map(weightsDigest)).toEqual(digests)
  })

  const { mean } = IMAGENET_NORMALIZATION
  test.each<[string, Backbone, Parameters<typeof averageBackbones>[2], string]>([
    [
      'another architecture',
      createBackbone({ architecture: 'resnet34', seed: 0, lastStage: 'layer2' }),
      0.5,
      'got resnet34 to layer2',
    ],
    [
      'another depth',
      createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer3' }),
      0.5,
      'got resnet18 to layer3',
    ],
    ['another normalisation', { ...second, normalization: { mean, std: [1, 1, 1] } }, 0.5, 'std 1 1 1'],
    ['a share above 1', second, 1.5, 'share of stem'],
    ['a share below 0', second, { layer2: -0.1 }, 'share of layer2'],
    ['a share that is no number', second, { stem: NaN }, 'share of stem'],
    ['an unknown part', second, { layer9: 0.5 } as never, 'shares of stem, layer1, layer2, layer3, layer4, got layer9'],
  ])('refuses %s', (_, other, share, message) => {
    expect(() => averageBackbones(first, other, share)).toThrow(message)
  })
})

describe('withoutBatchNorm', () => {
  const backbone = narrowBackbone('resnet18', 'layer3')
  const folded = withoutBatchNorm(backbone)

  test('computes what the backbone computes', () => {
    const image = randomTensor('image', [24, 16, 3])
    const wanted = literalForward(backbone, image)
    for (const [layer, map] of literalForward(folded, image)) {
      const expected = wanted.get(layer) ?? map
      ensureClose(layer, map, expected, { relative: 1e-5, absolute: 1e-6 * Math.max(...expected.data) })
    }
    expect([...folded.parameters.keys()]).toEqual([...backbone.parameters.keys()])
  })

  test('leaves BatchNorms that float16 holds exactly', () => {
    const kept = { weight: 1, running_mean: 0, running_var: 1 }
    for (const batchNorm of ['bn1', 'layer1.1.bn2', 'layer2.0.downsample.1', 'layer3.1.bn1']) {
      for (const [part, value] of Object.entries(kept)) {
        expect(new Set(folded.parameters.get(`${batchNorm}.${part}`)?.data)).toEqual(new Set([value]))
      }
    }
  })
})

test('a backbone saved as float16 is read again, each weight within half a step', () => {
  const backbone = createBackbone({ architecture: 'resnet18', seed: 3, lastStage: 'layer1' })
  const [exact, halved] = [saveBackbone(backbone), saveBackbone(backbone, {}, { dtype: 'float16' })]
  expect(halved.length / exact.length).toBeCloseTo(0.5, 1)
  const { parameters } = loadBackbone(halved).backbone
  expect([...parameters.keys()]).toEqual([...backbone.parameters.keys()])
  let worst = 0
  for (const [name, { data }] of backbone.parameters) {
    data.forEach((value, index) => {
      const error = Math.abs((parameters.get(name)?.data[index] as number) - value)
      worst = Math.max(worst, error / Math.max(Math.abs(value), 2 ** -14))
    })
  }
  expect(worst).toBeLessThanOrEqual(2 ** -11)
  expect(worst).toBeGreaterThan(0)
})
