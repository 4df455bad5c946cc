import { describe, expect, test } from '@jest/globals'
import { anomalyMaps, textGuided, type TextAlignment, type TextGuidedOptions } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { referenceBackend, tensor, type Tensor } from '@tab/core'
import { describeDetector, ensureClose, ensureIdentical, randomTensor } from '@tab/core/testing'
import * as ort from 'onnxruntime-node'
import { randomAlignment, stripedImage, tellingAlignment } from './tiny-alignment.ts'
import { tinyExtractor } from './tiny-extractor.ts'

const extractor = tinyExtractor()
const backend = referenceBackend()

describeDetector('text-guided on the reference backend', {
  create: async () => {
    const alignment = await tellingAlignment(extractor, stripedImage(false), stripedImage(true))
    return textGuided({ extractor, backend, alignment, sigma: 2 })
  },
  runner: { describe, test },
})

/** One image, written out: probabilities of its pooled features and of the positions of each layer. */
async function literal(images: Tensor, alignment: TextAlignment) {
  const features = await extractor.extract(images, ['layer1', 'layer2', 'layer3'])
  const { normal, abnormal } = alignment.prototypes.get('bolt') as { normal: Tensor; abnormal: Tensor }
  const head = (name: string): number[] => [...(alignment.heads.get(name) as Tensor).data]
  const linear = (x: number[], name: string): number[] => {
    const [weight, bias] = [head(`${name}.weight`), head(`${name}.bias`)]
    return bias.map((b, d) => x.reduce((sum, value, c) => sum + value * (weight[c * bias.length + d] as number), b))
  }
  const normalized = (x: number[]): number[] => x.map((value) => value / Math.hypot(...x))
  const dot = (x: number[], y: Tensor): number => x.reduce((sum, value, d) => sum + value * (y.data[d] as number), 0)
  const probability = (zNormal: number[], zAbnormal: number[]): number => {
    const s = Math.exp(head('logScale')[0] as number)
    const [a, n] = [Math.exp(s * dot(zAbnormal, abnormal)), Math.exp(s * dot(zNormal, normal))]
    return a / (a + n)
  }
  const imageHead = (x: number[], prefix: string): number[] => {
    const h = linear(x, `${prefix}.fc1`)
    const sum = linear(
      h.map((value) => Math.max(0, value)),
      `${prefix}.fc2`,
    ).map((value, d) => value + (h[d] as number))
    const mean = sum.reduce((total, value) => total + value, 0) / sum.length
    const variance = sum.reduce((total, value) => total + (value - mean) ** 2, 0) / sum.length
    const [weight, bias] = [head(`${prefix}.norm.weight`), head(`${prefix}.norm.bias`)]
    return normalized(
      sum.map((v, d) => ((v - mean) / Math.sqrt(variance + 1e-5)) * (weight[d] as number) + (bias[d] as number)),
    )
  }
  const positionsOf = ({ shape, data }: Tensor): number[][] => {
    const channels = shape[3] as number
    return Array.from({ length: data.length / channels }, (_, i) => [
      ...data.subarray(i * channels, (i + 1) * channels),
    ])
  }
  const deep = positionsOf(features.get('layer3') as Tensor)
  const mean = (deep[0] as number[]).map((_, c) => deep.reduce((sum, x) => sum + (x[c] as number), 0) / deep.length)
  const [normalName, abnormalName] = alignment.sharedHead ? ['image', 'image'] : ['image.normal', 'image.abnormal']
  const grid = (layer: string): Tensor => {
    const feature = features.get(layer) as Tensor
    const each = positionsOf(feature).map((x) => {
      const z = normalized(linear(x, `patch.${layer}`))
      return probability(z, z)
    })
    return tensor(feature.shape.slice(0, 3), Float32Array.from(each))
  }
  const [fine, coarse] = [grid('layer1'), grid('layer2')]
  const resized = anomalyMaps(coarse, fine.shape.slice(1) as [number, number], 0)
  return {
    image: probability(imageHead(mean, normalName as string), imageHead(mean, abnormalName as string)),
    grid: tensor(
      fine.shape,
      fine.data.map((value, i) => (value + (resized.data[i] as number)) / 2),
    ),
  }
}

describe('textGuided', () => {
  const image = randomTensor('image', [1, 48, 32, 3])

  test.each([true, false])('scores equal the definition written out, shared head: %s', async (sharedHead) => {
    const alignment = randomAlignment(extractor, 10, sharedHead)
    const wanted = await literal(image, alignment)
    const map = anomalyMaps(wanted.grid, [48, 32], 4)
    for (const patchWeight of [0, 0.3, 1]) {
      const detector = await textGuided({ extractor, backend, alignment, patchWeight }).fit()
      const { scores, maps } = await detector.predict(image)
      ensureClose('map', maps, map, { relative: 1e-5, absolute: 1e-6 })
      expect(scores.data[0]).toBeCloseTo((1 - patchWeight) * wanted.image + patchWeight * Math.max(...map.data), 5)
    }
  })

  test('needs no image; fitted on none it takes any size, and its state is all that it needs', async () => {
    const alignment = randomAlignment(extractor, 10, false)
    const recipe = textGuided({ extractor, backend, alignment })
    const detector = await recipe.fit()
    const [one, two] = [await detector.predict(image), await detector.predict(randomTensor('other', [2, 64, 64, 3]))]
    expect([one.maps.shape, two.maps.shape]).toEqual([
      [1, 48, 32],
      [2, 64, 64],
    ])
    const restored = await recipe.restore(detector.state())
    ensureIdentical('scores', (await restored.predict(image)).scores, one.scores)
    expect(detector.state().options).toMatchObject({ className: 'bolt', size: null, patchLayers: ['layer1', 'layer2'] })
  })

  test('maps on the grid, and scores that stay those of the images', async () => {
    const alignment = randomAlignment(extractor, 10, true)
    const wanted = await literal(image, alignment)
    const options = { extractor, backend, alignment }
    const detector = await textGuided({ ...options, mapSize: 'grid' }).fit()
    const { scores, maps } = await detector.predict(image)
    ensureClose('map', maps, anomalyMaps(wanted.grid, [12, 8], 1), { relative: 1e-5, absolute: 1e-6 })
    expect(scores).toEqual((await (await textGuided(options).fit()).predict(image)).scores)
    const restored = await textGuided(options).restore(detector.state())
    expect((await restored.predict(image)).maps).toEqual(maps)
  })

  test('backends agree', async () => {
    const options = { extractor, alignment: randomAlignment(extractor, 10, true) }
    const left = await textGuided({ ...options, backend }).fit()
    const right = await textGuided({ ...options, backend: onnxBackend({ ort }) }).fit()
    ensureClose('scores', (await right.predict(image)).scores, (await left.predict(image)).scores)
  })

  test('prototypes of a new class take the place of those of the pre-training', async () => {
    const alignment = randomAlignment(extractor, 10, true)
    const { normal, abnormal } = alignment.prototypes.get('bolt') as { normal: Tensor; abnormal: Tensor }
    const swapped = textGuided({ extractor, backend, alignment, prototypes: { normal: abnormal, abnormal: normal } })
    const [there, back] = [await textGuided({ extractor, backend, alignment }).fit(), await swapped.fit()]
    const [map, inverse] = [(await there.predict(image)).maps, (await back.predict(image)).maps]
    map.data.forEach((value, i) => expect(value + (inverse.data[i] as number)).toBeCloseTo(1, 5))
  })

  const good = randomAlignment(extractor, 10, true)
  const without = (name: string) => new Map([...good.heads].filter(([other]) => other !== name))
  const spoilt: [Partial<TextGuidedOptions>, string][] = [
    [{ patchWeight: 1.1 }, 'patchWeight must be a finite number >= 0 and <= 1, got 1.1'],
    [{ className: 'nut' }, 'a class among bolt, got nut'],
    [{ patchLayers: ['layer9'] }, 'layers among layer1, layer2, layer3, got layer9'],
    [{ patchLayers: [] }, 'a patch layer, got none'],
    [{ patchLayers: ['layer3'] }, 'head "patch.layer3.weight" must be finite float32 [16,10], got none'],
    [
      { alignment: { ...good, backbone: 'abc' } },
      'the extractor of the aligned backbone, with abc in its id, got tiny-1',
    ],
    [{ alignment: { ...good, heads: without('logScale') } }, 'head "logScale" must be finite float32 [], got none'],
    [{ alignment: { ...good, imageLayer: 'layer1' } }, 'head "image.fc1.weight" must be finite float32 [8,10]'],
    [{ alignment: { ...good, sharedHead: false } }, 'head "image.normal.fc1.weight" must be'],
  ]
  test.each(spoilt)('refuses %#', (change, message) => {
    expect(() => textGuided({ extractor, backend, alignment: good, ...change })).toThrow(message)
  })
})
