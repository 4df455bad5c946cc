import { describe, expect, test } from '@jest/globals'
import { padim } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { referenceBackend, type Tensor } from '@tab/core'
import { describeDetector, ensureClose, randomTensor, sliceBatch } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { tinyExtractor } from './tiny-extractor.ts'

const runner = { describe, test }
const recipe = (more = {}) =>
  padim({ extractor: tinyExtractor(), backend: referenceBackend(), dimensions: 6, sigma: 2, ...more })

describeDetector('PaDiM on the reference backend', { create: recipe, runner })
describeDetector('PaDiM on ONNX Runtime', {
  create: async () => {
    const layers = ['layer1', 'layer2', 'layer3']
    const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' }), { layers })
    return padim({
      extractor: await onnxExtractor({ ort, model }),
      backend: onnxBackend({ ort }),
      dimensions: 40,
      sigma: 1,
    })
  },
  runner,
})

describe('padim', () => {
  const normals = randomTensor('normals', [5, 32, 48, 3])
  const tested = randomTensor('tested', [2, 32, 48, 3])

  test('mean and covariance equal numpy-style formulas over all images, in batches of any size', async () => {
    const layers = ['layer2']
    const whole = (await recipe({ layers }).fit([normals])).state()
    const pieces = [sliceBatch(normals, 0, 2), sliceBatch(normals, 2, 3), sliceBatch(normals, 3, 5)]
    const streamed = (await recipe({ layers }).fit(pieces)).state()
    expect([...(streamed.tensors['covariance']?.data ?? [])]).toEqual([...(whole.tensors['covariance']?.data ?? [])])

    const features = (await tinyExtractor().extract(normals, layers)).get('layer2') as Tensor
    const [, height, width, total] = features.shape as [number, number, number, number]
    const channels = [...(whole.tensors['channels']?.data ?? [])]
    expect(channels).toHaveLength(6)
    const at = (image: number, position: number, d: number): number =>
      features.data[(image * height * width + position) * total + (channels[d] as number)] as number
    for (const position of [0, 7, height * width - 1]) {
      const mean = channels.map((_, d) => [0, 1, 2, 3, 4].reduce((sum, n) => sum + at(n, position, d), 0) / 5)
      mean.forEach((value, d) => expect(whole.tensors['mean']?.data[position * 6 + d]).toBeCloseTo(value, 6))
      for (let i = 0; i < 6; i++) {
        for (let j = 0; j < 6; j++) {
          const sum = [0, 1, 2, 3, 4].reduce(
            (total_, n) =>
              total_ + (at(n, position, i) - (mean[i] as number)) * (at(n, position, j) - (mean[j] as number)),
            0,
          )
          const wanted = sum / 4 + (i === j ? 0.01 : 0)
          expect(whole.tensors['covariance']?.data[(position * 6 + i) * 6 + j]).toBeCloseTo(wanted, 6)
        }
      }
    }
  })

  test('backends agree, and the image score is the maximum of the smoothed map', async () => {
    const left = await recipe().fit([normals])
    const right = await recipe({ backend: onnxBackend({ ort }) }).fit([normals])
    const [a, b] = [await left.predict(tested), await right.predict(tested)]
    ensureClose('scores', b.scores, a.scores)
    ensureClose('maps', b.maps, a.maps)
    for (const image of [0, 1]) {
      const map = a.maps.data.subarray(image * 32 * 48, (image + 1) * 32 * 48)
      expect(a.scores.data[image]).toBe(Math.max(...map))
    }
  })

  test('a seed draws the same channels, another seed others; more than there are means all', async () => {
    const channelsOf = async (more: object): Promise<number[]> => [
      ...((await recipe(more).fit([normals])).state().tensors['channels']?.data ?? []),
    ]
    expect(await channelsOf({ seed: 3 })).toEqual(await channelsOf({ seed: 3 }))
    expect(await channelsOf({ seed: 3 })).not.toEqual(await channelsOf({ seed: 4 }))
    expect(await channelsOf({ dimensions: 100 })).toEqual(Array.from({ length: 36 }, (_, channel) => channel))
  })

  test('an image unlike the others scores higher than one of them', async () => {
    const detector = await recipe().fit([normals])
    const inverted = { ...sliceBatch(normals, 0, 1), data: sliceBatch(normals, 0, 1).data.map((value) => 1 - value) }
    const [own] = (await detector.predict(sliceBatch(normals, 0, 1))).scores.data
    const [other] = (await detector.predict(inverted)).scores.data
    expect(other as number).toBeGreaterThan(own as number)
  })

  test('one image is refused, and options out of range', async () => {
    await expect(recipe().fit([sliceBatch(normals, 0, 1)])).rejects.toThrow(
      'at least two good images for a covariance, got 1',
    )
    await expect(recipe().fit([])).rejects.toThrow('got none')
    expect(() => recipe({ dimensions: 0 })).toThrow('padim: dimensions must be a whole number >= 1')
    expect(() => recipe({ regularisation: 0 })).toThrow('regularisation must be a finite number > 0')
    expect(() => recipe({ layers: ['layer9'] })).toThrow('layers among layer1, layer2, layer3, got layer9')
    const state = (await recipe().fit([normals])).state()
    await expect(recipe().restore({ ...state, tensors: { mean: state.tensors['mean'] as Tensor } })).rejects.toThrow(
      'covariance [P,D,D]',
    )
    await expect(recipe().restore({ ...state, method: 'patchcore' })).rejects.toThrow('method padim, got patchcore')
  })
})
