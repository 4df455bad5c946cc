import { describe, expect, test } from '@jest/globals'
import { readSafetensors, tensor, tensorOf, writeSafetensors, type DType, type Tensor } from '@tab/core'
import {
  ARCHITECTURES,
  createBackbone,
  loadBackbone,
  networkSpec,
  parameterShapes,
  saveBackbone,
  weightsDigest,
} from '@tab/model'
import fc from 'fast-check'

const small = createBackbone({ architecture: 'resnet18', seed: 4, lastStage: 'layer2' })

/** The small backbone's file with tensors changed, added or (undefined) taken out. */
function fileWith(changes: Record<string, Tensor<DType> | undefined>): Uint8Array {
  const tensors = new Map<string, Tensor<DType>>(small.parameters)
  for (const [name, value] of Object.entries(changes)) {
    if (value) tensors.set(name, value)
    else tensors.delete(name)
  }
  return writeSafetensors(tensors)
}
const zeros = (...shape: number[]) => tensor(shape, new Float32Array(shape.reduce((size, side) => size * side, 1)))

describe('the ResNet family', () => {
  // Parameters without fc, from torchvision's published totals: 11,689,512, 21,797,672, 25,557,032, 68,883,240.
  test.each([
    ['resnet18', 11_689_512 - 513_000, [64, 128, 256, 512]],
    ['resnet34', 21_797_672 - 513_000, [64, 128, 256, 512]],
    ['resnet50', 25_557_032 - 2_049_000, [256, 512, 1024, 2048]],
    ['wide_resnet50_2', 68_883_240 - 2_049_000, [256, 512, 1024, 2048]],
  ] as const)('%s has the published number of parameters and channels', (architecture, count, channels) => {
    const network = networkSpec(architecture)
    const learnt = [...parameterShapes(network)].filter(([name]) => !name.includes('running_'))
    expect(learnt.reduce((sum, [, shape]) => sum + shape.reduce((size, side) => size * side, 1), 0)).toBe(count)
    expect(network.layers.map((layer) => layer.channels)).toEqual(channels)
    expect(network.layers.map((layer) => layer.stride)).toEqual([4, 8, 16, 32])
  })

  test('a random backbone depends on its seed alone and has the variance of He initialisation', () => {
    const again = createBackbone({ architecture: 'resnet18', seed: 4, lastStage: 'layer2' })
    expect(weightsDigest(again)).toBe(weightsDigest(small))
    expect(weightsDigest(createBackbone({ architecture: 'resnet18', seed: 5, lastStage: 'layer2' }))).not.toBe(
      weightsDigest(small),
    )
    const weight = small.parameters.get('layer2.1.conv1.weight')?.data as Float32Array
    const variance = weight.reduce((sum, value) => sum + value * value, 0) / weight.length
    expect(variance / (2 / (128 * 9))).toBeCloseTo(1, 1)
    expect(() => createBackbone({ architecture: 'vgg' as never, seed: 1 })).toThrow('one of resnet18, resnet34')
  })
})

describe('saveBackbone and loadBackbone', () => {
  test.each(ARCHITECTURES)('%s comes back with its architecture found out', (architecture) => {
    const backbone = createBackbone({ architecture, seed: 1, lastStage: 'layer2' })
    const { backbone: loaded, report } = loadBackbone(saveBackbone(backbone, { note: 'x' }))
    expect(weightsDigest(loaded)).toBe(weightsDigest(backbone))
    expect({ ...loaded, parameters: 0 }).toEqual({ ...backbone, parameters: 0 })
    expect(report).toEqual({ absentStages: ['layer3', 'layer4'], missing: [], unexpected: [], ignored: [] })
  })

  test('normalisation and metadata are kept in the header', () => {
    const normalization = { mean: [0.1, 0.2, 0.3], std: [1, 2, 3] } as const
    const bytes = saveBackbone({ ...small, normalization }, { note: 'x' })
    expect(loadBackbone(bytes).backbone.normalization).toEqual(normalization)
    expect(readSafetensors(bytes).metadata).toMatchObject({ note: 'x', format: 'pt', 'tab.architecture': 'resnet18' })
  })

  test('reports the head and counters as ignored, the rest as unexpected', () => {
    const { report } = loadBackbone(
      fileWith({
        'fc.weight': zeros(10, 128),
        'bn1.num_batches_tracked': tensorOf('float64', [], Float64Array.of(3)),
        'my.weight': zeros(1),
      }),
    )
    expect(report).toMatchObject({ unexpected: ['my.weight'] })
    expect([...report.ignored].sort()).toEqual(['bn1.num_batches_tracked', 'fc.weight'])
  })

  test('a partial load fills what is missing, says exactly what, and leaves the rest', () => {
    const bytes = fileWith({ 'layer2.1.bn2.bias': undefined, 'conv1.weight': undefined })
    const { backbone, report } = loadBackbone(bytes, { fillMissing: { seed: 9 } })
    expect(backbone.lastStage).toBe('layer4')
    expect(report.missing).toEqual(
      expect.arrayContaining([
        'conv1.weight',
        'layer2.1.bn2.bias',
        'layer3.0.conv1.weight',
        'layer4.1.bn2.running_var',
      ]),
    )
    expect(report.missing.filter((name) => /^layer[12]|^conv1|^bn1/.test(name))).toHaveLength(2)
    expect(backbone.parameters.get('bn1.weight')).toEqual(small.parameters.get('bn1.weight'))
    const filler = createBackbone({ architecture: 'resnet18', seed: 9 })
    expect(backbone.parameters.get('conv1.weight')).toEqual(filler.parameters.get('conv1.weight'))
  })

  test.each<[string, Uint8Array, Parameters<typeof loadBackbone>[1], string]>([
    ['a missing tensor', fileWith({ 'layer1.0.bn1.bias': undefined }), {}, 'layer1.0.bn1.bias is missing'],
    [
      'a wrong shape',
      fileWith({ 'conv1.weight': zeros(64, 3, 3, 3) }),
      {},
      'conv1.weight must be [64,3,7,7], is [64,3,3,3]',
    ],
    [
      'a wrong type',
      fileWith({ 'bn1.weight': tensorOf('int32', [64], new Int32Array(64)) }),
      {},
      'must hold floats, holds I32',
    ],
    [
      'another architecture',
      saveBackbone(small),
      { architecture: 'resnet50' },
      'the file does not hold resnet50: layer1.0.conv1.weight must be [64,64,1,1]',
    ],
    [
      'weights that training broke',
      fileWith({ 'layer1.0.bn1.bias': tensor([64], new Float32Array(64).fill(NaN, 5)) }),
      {},
      'layer1.0.bn1.bias must hold finite numbers, holds NaN',
    ],
    [
      'a weight that is infinite in 32 bits',
      fileWith({ 'bn1.weight': tensorOf('float64', [64], new Float64Array(64).fill(1e300)) }),
      {},
      'bn1.weight must hold finite numbers, holds Infinity',
    ],
    [
      'a variance below 0',
      fileWith({ 'layer2.1.bn2.running_var': tensor([128], new Float32Array(128).fill(-1, 127)) }),
      {},
      'layer2.1.bn2.running_var must hold variances, holds -1',
    ],
    ['nothing known', writeSafetensors({ x: zeros(1) }), {}, 'got 1 tensors: x'],
    ['an unknown first layer', fileWith({ 'layer1.0.conv1.weight': zeros(5, 5) }), {}, 'that tensor in shape [5,5]'],
    [
      'bad normalisation',
      writeSafetensors(small.parameters, { 'tab.normalization': '{"mean":[1]}' }),
      {},
      'mean and std of three',
    ],
  ])('refuses %s', (_, bytes, options, message) => {
    expect(() => loadBackbone(bytes, options)).toThrow(message)
  })

  test('a truncated or altered file is refused or read whole, never half', () => {
    const bytes = saveBackbone(small)
    expect(() => loadBackbone(bytes.subarray(0, bytes.length - 1))).toThrow('truncated')
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(255), (position, value) => {
        const altered = bytes.slice()
        altered[position] = value
        try {
          expect(loadBackbone(altered).backbone.parameters.size).toBeGreaterThan(20)
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_DATA' })
        }
      }),
    )
  })
})
