import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { tensor, type Tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'
import { ARCHITECTURES, exportOnnx, loadBackbone } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { literalForward } from './literal-forward.ts'
import { checkAgainstOracle, oracleImage, ORACLE_WEIGHTS } from './oracle.ts'
import { narrowBackbone } from './narrow-backbone.ts'
import { randomBackbone } from './random-backbone.ts'
import { sharedFile, testWithShared } from '../../../test/shared.ts'

const STAGES = ['layer1', 'layer2', 'layer3', 'layer4']

async function run(model: Uint8Array, images: Tensor): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(model)
  return session.run({ images: new ort.Tensor('float32', images.data, images.shape) })
}

describe('exportOnnx', () => {
  test.each(ARCHITECTURES)('%s computes what the network is defined to', async (architecture) => {
    const backbone = narrowBackbone(architecture, 'layer4')
    const image = randomTensor('image', [24, 16, 3])
    const outputs = await run(exportOnnx(backbone, { layers: STAGES }), tensor([1, 24, 16, 3], image.data))
    for (const [layer, wanted] of literalForward(backbone, image)) {
      const output = outputs[layer] as ort.Tensor
      expect(output.dims).toEqual([1, ...wanted.shape])
      const scale = Math.max(...wanted.data)
      ensureClose(layer, tensor(wanted.shape, output.data as Float32Array), wanted, {
        relative: 1e-4,
        absolute: 1e-5 * scale,
      })
    }
  })

  test('nchw takes normalised images and gives the same features, channels first', async () => {
    const backbone = {
      ...randomBackbone('resnet18', 'layer1'),
      normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    } as const
    const images = randomTensor('image', [1, 16, 16, 3])
    const last = (await run(exportOnnx(backbone, { layers: ['layer1'] }), images))['layer1'] as ort.Tensor
    const planes = new Float32Array(images.data.length)
    images.data.forEach((value, index) => (planes[(index % 3) * 256 + Math.floor(index / 3)] = value))
    const model = exportOnnx(backbone, { layers: ['layer1'], layout: 'nchw' })
    const first = (await run(model, tensor([1, 3, 16, 16], planes)))['layer1'] as ort.Tensor
    expect(first.dims).toEqual([1, 64, 4, 4])
    for (let i = 0; i < last.size; i++) {
      expect(first.data[(i % 64) * 16 + Math.floor(i / 64)]).toBeCloseTo(last.data[i] as number, 5)
    }
  })

  test('ends at the deepest layer asked for and refuses layers it lacks', () => {
    const backbone = randomBackbone('resnet18', 'layer3')
    const shallow = exportOnnx(backbone, { layers: ['layer1'] })
    expect(shallow.length).toBeLessThan(exportOnnx(backbone, { layers: ['layer3'] }).length / 5)
    expect(() => exportOnnx(backbone, { layers: ['layer4'] })).toThrow(
      'layers among layer1, layer2, layer3, got layer4',
    )
    expect(() => exportOnnx(backbone, { layers: [] })).toThrow('at least one layer')
  })

  testWithShared(ORACLE_WEIGHTS, 'real weights give the features of the independent run', async () => {
    const { backbone, report } = loadBackbone(readFileSync(sharedFile(ORACLE_WEIGHTS)))
    expect(report).toMatchObject({ absentStages: ['layer4'], missing: [], unexpected: [] })
    const outputs = await run(exportOnnx(backbone, { layers: STAGES.slice(0, 3) }), oracleImage())
    checkAgainstOracle((layer) => {
      const { dims, data } = outputs[layer] as ort.Tensor
      return tensor(dims, data as Float32Array)
    })
  })
})
