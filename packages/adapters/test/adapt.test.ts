import { describe, expect, test } from '@jest/globals'
import { referenceBackend, tensor, tensorOf, type AnomalySynthesizer, type Detector, type Tensor } from '@tab/core'
import { describeDetector, randomTensor } from '@tab/core/testing'
import { contrastProjection } from '../src/adapt/contrast-projection.ts'
import { adapt, loadDetector, padim, patchCore, saveDetector } from '../src/index.ts'
import { tinyExtractor } from './tiny-extractor.ts'

/** A dark square in a place that the seed decides. */
const square: AnomalySynthesizer = {
  name: 'square',
  synthesize(image, rng) {
    const [height, width] = image.shape as [number, number, number]
    const data = image.data.slice()
    const mask = new Uint8Array(height * width)
    const side = Math.floor(height / 4)
    const [top, left] = [Math.floor(rng() * (height - side)), Math.floor(rng() * (width - side))]
    for (let y = top; y < top + side; y++) {
      data.fill(0, (y * width + left) * 3, (y * width + left + side) * 3)
      mask.fill(1, y * width + left, y * width + left + side)
    }
    return { image: tensor(image.shape, data), mask: tensorOf('uint8', [height, width], mask) }
  },
}
const nothing: AnomalySynthesizer = {
  name: 'nothing',
  synthesize: (image) => ({ image, mask: tensorOf('uint8', image.shape.slice(0, 2), new Uint8Array(64 * 64)) }),
}

const backend = referenceBackend()
const extractor = tinyExtractor()
const adapted = (synthesizer = square, on = extractor) =>
  adapt({
    ...{ extractor: on, backend, synthesizer: () => synthesizer },
    recipe: (features) => patchCore({ extractor: features, backend, coresetRatio: 0.5 }),
  })

const images = (seed: string, count: number): Tensor => randomTensor(seed, [count, 64, 64, 3], 0.4, 0.6)
const scoresOf = async (detector: Detector, shown: Tensor) => [...(await detector.predict(shown)).scores.data]

describeDetector('adapted PatchCore', { create: () => adapted() })

describe('the projection of a layer', () => {
  const diagonal = (...values: readonly number[]) =>
    Float64Array.from({ length: values.length ** 2 }, (_, index) =>
      index % (values.length + 1) === 0 ? (values[index / (values.length + 1)] as number) : 0,
    )

  test('by hand: whitened by what good parts do, and the direction first in which anomalies change most beside it', async () => {
    // Of ratios 1/8, 9/1 and 4/3 the second is the highest; its nuisance is 1 + 0.03 * 4.
    const moments = { nuisance: diagonal(8, 1, 3), signal: diagonal(1, 9, 4) }
    const first = [...(await contrastProjection('test', moments, 3, 1))].map(Math.abs)
    expect(first).toEqual([0, expect.closeTo(1 / Math.sqrt(1.12), 4), 0])
    const [, , x3, , , y3, , , z3] = await contrastProjection('test', moments, 3, 3)
    expect([x3, y3, z3].map((value) => Math.abs(value as number))).toEqual([
      expect.closeTo(1 / Math.sqrt(8.12), 4),
      0,
      0,
    ])
  })

  test('good parts that do not differ at all leave it finite', async () => {
    const projection = await contrastProjection('test', { nuisance: diagonal(0, 0), signal: diagonal(0, 2) }, 2, 1)
    expect([...projection].map(Math.abs)).toEqual([0, expect.closeTo(1000, 0)])
  })
})

describe('adapted features', () => {
  test('a third of the channels is left, and the file opens on the unchanged extractor alone', async () => {
    const detector = await adapted().fit([images('normals', 4)])
    const shown = images('shown', 3)
    const scores = await scoresOf(detector, shown)
    const state = detector.state()
    expect(state).toMatchObject({ method: 'adapted', extractorId: extractor.id })
    expect(state.tensors['member/bank']?.shape[1]).toBe(4 + 5) // of 12 and 16
    const file = await saveDetector(detector)
    const loaded = await loadDetector(file, { extractor, backend })
    expect(await scoresOf(loaded.detector, shown)).toEqual(scores)
    expect(loaded.detector.state()).toEqual(state)
    await expect(loadDetector(file, { extractor: tinyExtractor(2), backend })).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
    })
  })

  test('others images, others maps; the first ten decide, in whatever batches', async () => {
    const maps = async (...batches: Tensor[]) => (await adapted().fit(batches)).state().tensors['projection/layer2']
    const [ten, more] = [images('ten', 10), images('more', 2)]
    const both = tensor([12, 64, 64, 3], new Float32Array(12 * 64 * 64 * 3))
    both.data.set(ten.data)
    both.data.set(more.data, ten.data.length)
    expect(await maps(both)).toEqual(await maps(ten, more))
    expect(await maps(ten)).toEqual(await maps(ten, more))
    expect(await maps(images('others', 10))).not.toEqual(await maps(ten))
  })

  test('one good image is enough', async () => {
    const detector = await adapted().fit([images('one', 1)])
    const one = images('one', 1)
    const spoiled = tensor(
      one.shape,
      one.data.map((value, index) => (index < 3000 ? 0 : value)),
    )
    const [good, bad] = [await scoresOf(detector, one), await scoresOf(detector, spoiled)] as [number[], number[]]
    expect(bad[0]).toBeGreaterThan(good[0] as number)
  })

  test('PaDiM can stand on them, where it takes the adapted layers', async () => {
    const layers = ['layer2', 'layer3']
    const recipe = adapt({
      ...{ extractor, backend, layers, synthesizer: () => square },
      recipe: (features) => padim({ extractor: features, backend, layers, dimensions: 6 }),
    })
    const detector = await recipe.fit([images('normals', 4)])
    const { detector: loaded } = await loadDetector(await saveDetector(detector), { extractor, backend })
    const shown = images('shown', 2)
    expect(await scoresOf(loaded, shown)).toEqual(await scoresOf(detector, shown))
  })
})

describe('what is refused', () => {
  test('anomalies that change nothing', async () => {
    await expect(adapted(nothing).fit([images('normals', 2)])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('anomalies that change a patch'),
    })
  })

  test('no image, and layers that the extractor lacks', async () => {
    await expect(adapted().fit([])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(() =>
      adapt({ ...{ extractor, backend, layers: ['layer9'], synthesizer: () => square }, recipe: () => adapted() }),
    ).toThrow(/layer9/)
  })

  test.each([
    ['is not finite', tensor([12, 4], new Float32Array(48).fill(NaN)), 'INVALID_DATA'],
    ['is of other channels', tensor([11, 4], new Float32Array(44)), 'INVALID_DATA'],
    ['is not the one of its bank', tensor([12, 4], new Float32Array(48)), 'INCOMPATIBLE'],
    ['is lacking', undefined, 'INVALID_DATA'],
  ])('a state whose projection %s', async (_, other, code) => {
    const state = (await adapted().fit([images('normals', 2)])).state()
    const entries = Object.entries(state.tensors).filter(([name]) => name !== 'projection/layer2')
    const tensors = Object.fromEntries(other ? [...entries, ['projection/layer2', other]] : entries)
    await expect(adapted().restore({ ...state, tensors })).rejects.toMatchObject({ code })
  })
})
