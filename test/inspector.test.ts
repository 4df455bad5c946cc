import { describe, expect, test } from '@jest/globals'
import { calibrateThreshold, crossCalibrate, patchCore, saveDetector } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { randomTensor } from '@tab/core/testing'
import { centerCrop, resizeImage, stackImages } from '@tab/data'
import { createBackbone, exportOnnx } from '@tab/model'
import { openInspector } from '@tab/pipeline'
import * as ort from 'onnxruntime-node'
import { promiseOf } from '../examples/browser/promise.ts'

const part = (name: string, height: number, width: number) => stackImages([randomTensor(name, [height, width, 3])])

describe('an inspector of the parts that it stands on', () => {
  const layers = ['layer1']
  const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer1' }), { layers })

  test('prepares a picture as the file says, and scores it as the detector does', async () => {
    const extractor = await onnxExtractor({ ort, model })
    const images = Array.from({ length: 4 }, (_, index) => part(`part ${index}`, 32, 40))
    const recipe = patchCore({ extractor, backend: onnxBackend({ ort }), layers, coresetSize: 20 })
    const detector = await recipe.fit(images)
    const calibration = await calibrateThreshold(detector, images, { falsePositiveRate: 0.25 })
    const preparation = { size: [48, 56], crop: [32, 40], filter: 'lanczos' } as const
    const file = await saveDetector(detector, { calibration, preparation })
    const inspector = await openInspector({ ort, detector: file, backbone: model })
    const photograph = randomTensor('photograph', [90, 70, 3])
    const { image, score, map } = await inspector.inspect(photograph)
    const byHand = centerCrop(resizeImage(photograph, [48, 56], 'lanczos'), [32, 40])
    expect(image).toEqual(byHand)
    const { scores, maps } = await detector.predict(stackImages([byHand]))
    expect([score, map?.shape, map?.data]).toEqual([scores.data[0], [32, 40], maps.data])
    for (const one of [inspector, detector, extractor]) one.dispose()
  })

  test('promises a rate where one is guaranteed, the one that the images support', async () => {
    const extractor = await onnxExtractor({ ort, model })
    const images = Array.from({ length: 4 }, (_, index) => part(`part ${index}`, 32, 32))
    const recipe = patchCore({ extractor, backend: onnxBackend({ ort }), layers, coresetSize: 20 })
    const detector = await recipe.fit(images)
    // Of five images, four known: 0.3 asked for, one in five can be had.
    const heldOut = await calibrateThreshold(detector, images, { falsePositiveRate: 0.3 })
    expect(promiseOf(heldOut)).toContain(
      '4 good pieces that the detector had not seen. On average at most 20\u00a0% of',
    )
    const { calibration } = await crossCalibrate(recipe, images, { falsePositiveRate: 0.3, folds: 2 })
    expect(promiseOf(calibration)).toContain('4 good pieces scored by fits without them')
    expect(promiseOf(calibration)).toContain('is not guaranteed')
    expect(promiseOf(calibration)).not.toMatch(/%|at most|had not seen/)
    detector.dispose()
    extractor.dispose()
  })
})
