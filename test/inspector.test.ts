import { describe, expect, test } from '@jest/globals'
import { calibrateThreshold, crossCalibrate, patchCore, saveDetector } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { tensor, type Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { centerCrop, resizeImage } from '@tab/data'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { openInspector } from '../examples/browser/inspector.ts'
import { promiseOf } from '../examples/browser/promise.ts'

const batch = ({ shape, data }: Tensor): Tensor => tensor([1, ...shape], data)

describe('the part to take along', () => {
  const layers = ['layer1']
  const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer1' }), { layers })

  test('prepares a picture as the file says: size, crop and filter', async () => {
    const extractor = await onnxExtractor({ ort, model })
    const images = Array.from({ length: 4 }, (_, index) => batch(randomTensor(`part ${index}`, [32, 40, 3])))
    const recipe = patchCore({ extractor, backend: onnxBackend({ ort }), layers, coresetSize: 20 })
    const detector = await recipe.fit(images)
    const calibration = await calibrateThreshold(detector, images, { falsePositiveRate: 0.25 })
    const preparation = { size: [48, 56], crop: [32, 40], filter: 'lanczos' } as const
    const inspector = await openInspector(ort, await saveDetector(detector, { calibration, preparation }), model)
    const photograph = randomTensor('photograph', [90, 70, 3])
    const { image, score, map } = await inspector.inspect(photograph)
    const byHand = centerCrop(resizeImage(photograph, [48, 56], 'lanczos'), [32, 40])
    expect(image).toEqual(byHand)
    expect(score).toBe((await detector.predict(batch(byHand))).scores.data[0])
    expect(map.shape).toEqual([1, 32, 40])
    const white = tensor([1, 1, 3], Float32Array.of(255, 255, 255))
    await expect(inspector.inspect(white)).rejects.toThrow('image values must be in [0,1], got 255')
    detector.dispose()
    extractor.dispose()
  })

  test('promises a rate where one is guaranteed, the one that the images support', async () => {
    const extractor = await onnxExtractor({ ort, model })
    const images = Array.from({ length: 4 }, (_, index) => batch(randomTensor(`part ${index}`, [32, 32, 3])))
    const recipe = patchCore({ extractor, backend: onnxBackend({ ort }), layers, coresetSize: 20 })
    const detector = await recipe.fit(images)
    // Of five images, four known: 0.3 asked for, one in five can be had.
    const heldOut = await calibrateThreshold(detector, images, { falsePositiveRate: 0.3 })
    expect(promiseOf(heldOut)).toContain('4 good pieces that the detector had not seen. On average at most 20 % of')
    const { calibration } = await crossCalibrate(recipe, images, { falsePositiveRate: 0.3, folds: 2 })
    expect(promiseOf(calibration)).toContain('4 good pieces scored by fits without them')
    expect(promiseOf(calibration)).toContain('is not guaranteed')
    expect(promiseOf(calibration)).not.toMatch(/%|at most|had not seen/)
    detector.dispose()
    extractor.dispose()
  })
})
