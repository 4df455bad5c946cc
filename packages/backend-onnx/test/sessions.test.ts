import { describe, expect, test } from '@jest/globals'
import { onnxBackend, onnxExtractor, type OrtModule } from '@tab/backend-onnx'
import { tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-node'

/** The runtime, whose first sessions cannot be opened, as when memory is short, and which counts those that are open. */
function failing(failures: number): OrtModule & { opened: number; released: number } {
  const runtime = {
    opened: 0,
    released: 0,
    Tensor: ort.Tensor as OrtModule['Tensor'],
    InferenceSession: {
      async create(model: Uint8Array) {
        if (failures-- > 0) throw new Error('bad allocation')
        const session = await ort.InferenceSession.create(model)
        runtime.opened++
        return {
          inputNames: session.inputNames,
          outputNames: session.outputNames,
          run: session.run.bind(session) as never,
          async release() {
            runtime.released++
            await session.release()
          },
        }
      },
    },
  }
  return runtime
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('sessions of a backend', () => {
  const a = tensor([1, 2], Float32Array.of(1, 2))
  const b = tensor([2, 1], Float32Array.of(3, 4))

  test('one that could not be opened is opened by the next call', async () => {
    const runtime = failing(1)
    const backend = onnxBackend({ ort: runtime })
    await expect(backend.matmul(a, b)).rejects.toThrow('ONNX Runtime cannot load the model: bad allocation')
    expect([...(await backend.matmul(a, b)).data]).toEqual([11])
    expect([...(await backend.matmul(a, b)).data]).toEqual([11])
    expect(runtime.opened).toBe(1)
    backend.dispose()
  })

  test('all are released by dispose, those still opening too', async () => {
    const runtime = failing(0)
    const backend = onnxBackend({ ort: runtime })
    await backend.matmul(a, b)
    const index = backend.searchIndex(randomTensor('bank', [4, 3])).catch((error: unknown) => error)
    backend.dispose()
    backend.dispose()
    expect(await index).toMatchObject({ code: 'DISPOSED' })
    for (let i = 0; i < 5; i++) await turn()
    expect([runtime.opened, runtime.released]).toEqual([2, 2])
  })
})

test('features that are not finite are refused, with the layer', async () => {
  const backbone = createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer1' })
  const broken = new Map(backbone.parameters)
  broken.set('layer1.1.bn2.bias', tensor([64], new Float32Array(64).fill(NaN)))
  const model = exportOnnx({ ...backbone, parameters: broken }, { layers: ['layer1'] })
  const extractor = await onnxExtractor({ ort, model })
  await expect(extractor.extract(randomTensor('images', [1, 32, 32, 3]), ['layer1'])).rejects.toMatchObject({
    code: 'NUMERICAL',
    message: expect.stringMatching(/by resnet18-[0-9a-f]+: finite features, got NaN in layer1/),
  })
  extractor.dispose()
})
