import { describe, expect, test } from '@jest/globals'
import { patchCore, patchFeatures } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { referenceBackend, type Tensor } from '@tab/core'
import { describeDetector, ensureClose, randomTensor, sliceBatch } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { tinyExtractor } from './tiny-extractor.ts'

const runner = { describe, test }
const recipe = () => patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), coresetRatio: 0.5, sigma: 2 })

describeDetector('PatchCore on the reference backend', { create: recipe, runner })
describeDetector('PatchCore on ONNX Runtime', {
  create: async () => {
    const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' }), {
      layers: ['layer2', 'layer3'],
    })
    return patchCore({
      extractor: await onnxExtractor({ ort, model }),
      backend: onnxBackend({ ort }),
      coresetRatio: 0.5,
    })
  },
  runner,
})

describe('patchCore', () => {
  const normals = randomTensor('normals', [4, 48, 32, 3])
  const tested = randomTensor('tested', [2, 48, 32, 3])

  test('scores equal the definition: the farthest of the nearest distances to all patches of the good images', async () => {
    const extractor = tinyExtractor()
    const detector = await patchCore({ extractor, backend: referenceBackend(), coresetRatio: 1 }).fit([normals])
    const { scores } = await detector.predict(tested)
    const patches = async (images: Tensor): Promise<number[][]> => {
      const features = await extractor.extract(images, ['layer2', 'layer3'])
      const { vectors } = patchFeatures([features.get('layer2') as Tensor, features.get('layer3') as Tensor])
      const dimension = vectors.shape[1] as number
      return Array.from({ length: vectors.shape[0] as number }, (_, row) => [
        ...vectors.data.subarray(row * dimension, (row + 1) * dimension),
      ])
    }
    const bank = await patches(normals)
    for (let image = 0; image < 2; image++) {
      const nearest = (await patches(sliceBatch(tested, image, image + 1))).map((query) =>
        Math.min(...bank.map((row) => Math.hypot(...row.map((value, d) => value - (query[d] as number))))),
      )
      expect(Math.abs((scores.data[image] as number) / Math.max(...nearest) - 1)).toBeLessThan(1e-5)
    }
  })

  test('good images it was fitted on score 0 when the whole bank is kept', async () => {
    const detector = await patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), coresetRatio: 1 }).fit([
      normals,
    ])
    expect([...(await detector.predict(normals)).scores.data]).toEqual([0, 0, 0, 0])
  })

  test('backends agree', async () => {
    const options = { extractor: tinyExtractor(), coresetRatio: 0.4 }
    const left = await patchCore({ ...options, backend: referenceBackend() }).fit([normals])
    const right = await patchCore({ ...options, backend: onnxBackend({ ort }) }).fit([normals])
    const [a, b] = [await left.predict(tested), await right.predict(tested)]
    ensureClose('scores', b.scores, a.scores)
    ensureClose('maps', b.maps, a.maps)
  })

  test('a small bank is a part of the patches, a single image is enough, and identical images do no harm', async () => {
    const options = { extractor: tinyExtractor(), backend: referenceBackend() }
    const detector = await patchCore({ ...options, coresetRatio: 0.25 }).fit([sliceBatch(normals, 0, 1)])
    expect(detector.state().tensors['bank']?.shape).toEqual([6, 28])
    const same = { ...normals, data: normals.data.map((_, index) => normals.data[index % (48 * 32 * 3)] as number) }
    const fromCopies = await patchCore({ ...options, coresetRatio: 1 }).fit([same])
    expect((await fromCopies.predict(sliceBatch(same, 0, 1))).scores.data[0]).toBe(0)
  })

  test.each([
    [{ coresetRatio: 0 }, 'patchCore: coresetRatio must be a finite number > 0 and <= 1, got 0'],
    [{ projectionDimension: 1.5 }, 'projectionDimension must be a whole number'],
    [{ sigma: -1 }, 'sigma must be'],
    [{ layers: ['layer2', 'layer9'] }, 'layers among layer1, layer2, layer3, got layer9'],
    [{ layers: [] }, 'got none'],
  ])('refuses %j', (options, message) => {
    expect(() => patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), ...options })).toThrow(message)
  })

  test('refuses a state with a key it does not know', async () => {
    const state = (await recipe().fit([normals])).state()
    const typo = { ...state, options: { ...state.options, sigmaa: 1 } }
    await expect(recipe().restore(typo)).rejects.toThrow('got sigmaa')
  })
})
