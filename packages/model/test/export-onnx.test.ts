import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { tensor, type Tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'
import { ARCHITECTURES, exportOnnx, loadBackbone } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { literalForward } from './literal-forward.ts'
import { randomBackbone } from './random-backbone.ts'
import { sharedFile, testWithShared } from '../../../test/shared.ts'

const STAGES = ['layer1', 'layer2', 'layer3', 'layer4']

async function run(model: Uint8Array, images: Tensor): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(model)
  return session.run({ images: new ort.Tensor('float32', images.data, images.shape) })
}

describe('exportOnnx', () => {
  test.each(ARCHITECTURES)('%s computes what the network is defined to', async (architecture) => {
    const backbone = randomBackbone(architecture)
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

  const weights = 'weights/resnet18-imagenet1k-v1-to-layer3.safetensors'
  testWithShared(weights, 'real weights give the features of the independent run', async () => {
    const { layers } = JSON.parse(readFileSync(sharedFile('oracles/resnet18-features.json'), 'utf8')) as {
      layers: Record<string, Record<string, number[]> & { mean: number; std: number; max: number }>
    }
    const { backbone, report } = loadBackbone(readFileSync(sharedFile(weights)))
    expect(report).toMatchObject({ absentStages: ['layer4'], missing: [], unexpected: [] })
    const image = new Float32Array(224 * 224 * 3)
    image.forEach((_, index) => {
      const [y, x, c] = [Math.floor(index / 672), Math.floor(index / 3) % 224, index % 3]
      image[index] = ((7 * x + 13 * y + 29 * c + x * y) % 256) / 255
    })
    const outputs = await run(exportOnnx(backbone, { layers: Object.keys(layers) }), tensor([1, 224, 224, 3], image))
    for (const [name, wanted] of Object.entries(layers)) {
      const { data, dims } = outputs[name] as ort.Tensor
      const [, height, width, channels] = dims as [number, number, number, number]
      const at = (y: number, x: number, c: number) => data[(y * width + x) * channels + c] as number
      const close = (actual: number, value: number) =>
        expect(Math.abs(actual - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)))
      for (let i = 0; i < 8; i++) {
        close(at(0, i, 0), wanted['channel0_row0_first8']?.[i] as number)
        close(at(7, i, 5), wanted['channel5_row7_first8']?.[i] as number)
        let sum = 0
        for (let p = 0; p < height * width; p++) sum += data[p * channels + i] as number
        close(sum / (height * width), wanted['channelMeans_first8']?.[i] as number)
      }
      const values = Array.from(data as Float32Array)
      const mean = values.reduce((total, value) => total + value, 0) / values.length
      close(mean, wanted.mean)
      close(
        values.reduce((most, value) => Math.max(most, value), 0),
        wanted.max,
      )
      close(Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length), wanted.std)
    }
  })
})
