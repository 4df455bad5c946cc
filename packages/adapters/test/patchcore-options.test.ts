import { describe, expect, test } from '@jest/globals'
import { patchCore, patchFeatures, type PatchCoreOptions } from '@tab/adapters'
import { isTabError, referenceBackend, tensor, type DetectorState, type Tensor } from '@tab/core'
import { describeDetector, ensureClose, ensureIdentical, randomTensor, sliceBatch } from '@tab/core/testing'
import fc from 'fast-check'
import { shrink } from '../src/features/shrink.ts'
import { searchNear } from '../src/patchcore/place-search.ts'
import { tinyExtractor } from './tiny-extractor.ts'

const runner = { describe, test }
const recipe = (more: Partial<PatchCoreOptions> = {}) =>
  patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), coresetRatio: 0.5, sigma: 2, ...more })

describeDetector('PatchCore by place, at two scales, scored by the mean of the highest patches', {
  create: () => recipe({ position: 0.2, scales: [1, 0.5], imageScore: { topShare: 0.05 } }),
  runner,
})

const normals = randomTensor('normals', [4, 48, 32, 3])
const tested = randomTensor('tested', [2, 48, 32, 3])
const GRID = [6, 4] as const

/** Patch vectors of each image by their place. */
async function patchesOf(images: Tensor): Promise<number[][][]> {
  const features = await tinyExtractor().extract(images, ['layer2', 'layer3'])
  const { vectors } = patchFeatures([features.get('layer2') as Tensor, features.get('layer3') as Tensor])
  const [rows, dimension] = vectors.shape as [number, number]
  const all = Array.from({ length: rows }, (_, row) => [
    ...vectors.data.subarray(row * dimension, (row + 1) * dimension),
  ])
  return Array.from({ length: images.shape[0] as number }, (_, image) => all.slice(image * 24, (image + 1) * 24))
}
const euclidean = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, d) => value - (b[d] as number)))

describe('patchCore.imageScore', () => {
  test.each([
    [0.01, 1], // of 24 patches: at least one
    [0.1, 2],
    [0.5, 12],
    [1, 24],
  ])('a share of %s is the mean of the highest %s patches', async (topShare, count) => {
    const grid = { mapSize: 'grid', sigma: 0 } as const
    const { scores, maps } = await (await recipe({ ...grid, imageScore: { topShare } }).fit([normals])).predict(tested)
    for (const image of [0, 1]) {
      const descending = [...maps.data.subarray(image * 24, (image + 1) * 24)].sort((left, right) => right - left)
      const wanted = descending.slice(0, count).reduce((sum, value) => sum + value / count, 0)
      expect(scores.data[image]).toBeCloseTo(wanted, 5)
    }
  })

  test.each([
    null,
    'top',
    0.01,
    {},
    { topShare: 0 },
    { topShare: 1.1 },
    { topShare: NaN },
    { topShare: 0.1, more: 1 },
    [],
  ])('%j is refused', (imageScore) => {
    expect(() => recipe({ imageScore: imageScore as never })).toThrow(/patchCore: .*imageScore/)
  })

  test('re-weighting, which weighs the highest patch, is refused beside it', () => {
    expect(() => recipe({ imageScore: { topShare: 0.1 }, reweighting: 3 })).toThrow("'max' with reweighting")
  })
})

describe('patchCore.position', () => {
  test.each([
    [0, 1, [0, 0]],
    [0.2, 1, [1, 0]],
    [0.25, 2, [1, 1]],
    [0.5, 3, [3, 2]],
    [1, 1, [6, 4]],
  ] as const)('of %s: %s neighbours are those at most %j cells away', async (position, neighbors, [down, across]) => {
    const detector = await recipe({ position, neighbors, coresetRatio: 1, mapSize: 'grid', sigma: 0 }).fit([normals])
    const { maps } = await detector.predict(tested)
    const [bank, images] = [await patchesOf(normals), await patchesOf(tested)]
    const wanted = images.flatMap((patches) =>
      patches.map((patch, place) => {
        const near = bank.flatMap((own) =>
          own.filter((_, other) => {
            const rows = Math.abs(Math.floor(other / GRID[1]) - Math.floor(place / GRID[1]))
            return rows <= down && Math.abs((other % GRID[1]) - (place % GRID[1])) <= across
          }),
        )
        const distances = near.map((other) => euclidean(other, patch)).sort((left, right) => left - right)
        return distances.slice(0, neighbors).reduce((sum, value) => sum + value / neighbors, 0)
      }),
    )
    ensureClose('maps', maps, tensor([2, 6, 4], Float32Array.from(wanted)), { relative: 1e-5 })
  })

  test('with all places it scores as without places', async () => {
    const plain = await (await recipe({ coresetRatio: 1 }).fit([normals])).predict(tested)
    const placed = await (await recipe({ coresetRatio: 1, position: 1 }).fit([normals])).predict(tested)
    ensureClose('scores', placed.scores, plain.scores, { relative: 1e-5 })
  })

  test('each place keeps its share of patches, one at least, and a good patch out of place is anomalous', async () => {
    const detector = await recipe({ position: 0, coresetRatio: 0.5 }).fit([normals])
    const { options, tensors } = detector.state()
    expect([...(tensors['places'] as Tensor<'int32'>).data]).toEqual(
      Array.from({ length: 48 }, (_, row) => Math.floor(row / 2)),
    )
    expect(options['grid']).toEqual([6, 4])
    const one = await recipe({ position: 0, coresetRatio: 0.01 }).fit([normals])
    expect(one.state().tensors['bank']?.shape[0]).toBe(24)

    const image = sliceBatch(normals, 0, 1)
    const row = 32 * 3
    const turned = tensor(
      image.shape,
      image.data.map((_, at) => image.data[(47 - Math.floor(at / row)) * row + (at % row)] as number),
    )
    const score = async (more: Partial<PatchCoreOptions>) => {
      const own = await recipe({ coresetRatio: 1, layers: ['layer2'], ...more }).fit([
        tensor([2, 48, 32, 3], Float32Array.of(...image.data, ...turned.data)),
      ])
      return (await own.predict(turned)).scores.data[0] as number
    }
    expect(await score({ position: 0 })).toBe(0)
    const upright = await recipe({ coresetRatio: 1, position: 0 }).fit([image])
    expect((await upright.predict(turned)).scores.data[0]).toBeGreaterThan(0.01)
  })

  test('extend adds patches at their places', async () => {
    const maker = recipe({ coresetRatio: 1, position: 0 })
    const detector = await maker.fit([sliceBatch(normals, 0, 2)])
    const extended = await maker.extend(detector.state(), [sliceBatch(normals, 2, 4)])
    expect([...(await extended.predict(normals)).scores.data]).toEqual([0, 0, 0, 0])
    const whole = await maker.fit([normals])
    ensureIdentical(
      'places',
      extended.state().tensors['places'] as Tensor<'int32'>,
      whole.state().tensors['places'] as Tensor<'int32'>,
    )
  })

  test.each([
    [{ position: -0.1 }, 'position must be'],
    [{ position: 1.5 }, 'position must be'],
    [{ position: 0.1, reweighting: 3 }, 'position with coresetRatio alone, got reweighting'],
    [{ position: 0.1, memoryLimit: 1e6 }, 'got memoryLimit'],
    [{ position: 0.1, coresetSize: 9, coresetRatio: undefined }, 'got coresetSize'],
  ])('%j is refused', (more, message) => {
    expect(() => recipe(more as never)).toThrow(message)
  })

  test.each([
    ['a place off the grid', { places: [0, 24] }],
    ['places that descend', { places: [1, 0] }],
    ['places for other patches', { places: [0] }],
    ['no grid', { grid: undefined }],
    ['no position', { position: null }],
  ])(
    'a state with %s is refused',
    async (_, { places, ...options }: { places?: number[]; grid?: undefined; position?: null }) => {
      const state = (await recipe({ position: 0.1, coresetRatio: 1 }).fit([sliceBatch(normals, 0, 1)])).state()
      const bank = state.tensors['bank'] as Tensor
      const two = {
        ...bank,
        shape: [2, bank.shape[1] as number],
        data: bank.data.slice(0, 2 * (bank.shape[1] as number)),
      }
      const broken = {
        ...state,
        options: { ...state.options, ...options },
        tensors: {
          bank: two,
          places: { dtype: 'int32', shape: [(places ?? [0, 1]).length], data: Int32Array.from(places ?? [0, 1]) },
        },
      } as unknown as DetectorState
      await expect(recipe().restore(broken)).rejects.toThrow('ascending places')
    },
  )

  test('of equal distances the lower row of the bank comes first', async () => {
    const bank = {
      patches: tensor([4, 1], Float32Array.of(5, 1, 1, 1)),
      places: { dtype: 'int32', shape: [4], data: Int32Array.of(0, 0, 1, 1) } as const,
      grid: [1, 2] as const,
    }
    const { indices } = await searchNear('test', bank, tensor([2, 1], Float32Array.of(0, 2)), 1, 3, undefined)
    expect([...indices.data]).toEqual([1, 2, 3, 1, 2, 3])
  })

  test('a window that holds too few patches grows until it has enough: against all of the bank, for any grid', async () => {
    const one = fc.record({
      grid: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      size: fc.integer({ min: 1, max: 12 }),
      position: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.nat(),
    })
    await fc.assert(
      fc.asyncProperty(one, async ({ grid: [height, width], size, position, seed }) => {
        const bank = randomTensor(`bank ${seed}`, [size, 2])
        const random = randomTensor(`places ${seed}`, [size], 0, 1)
        const places = Int32Array.from(random.data, (value) =>
          Math.min(height * width - 1, Math.floor(value * height * width)),
        ).sort()
        const queries = randomTensor(`queries ${seed}`, [height * width, 2])
        const k = Math.min(2, size)
        const placed = {
          patches: bank,
          places: { dtype: 'int32', shape: [size], data: places } as const,
          grid: [height, width] as const,
        }
        const { distances, indices } = await searchNear('test', placed, queries, position, k, undefined)
        for (let place = 0; place < height * width; place++) {
          const away = (row: number): readonly [number, number] => [
            Math.abs(Math.floor((places[row] as number) / width) - Math.floor(place / width)),
            Math.abs(((places[row] as number) % width) - (place % width)),
          ]
          const rows = Array.from({ length: size }, (_, row) => row)
          let near: number[] = []
          for (let grown = 0; near.length < k; grown++) {
            near = rows.filter((row) => {
              const [down, across] = away(row)
              return down <= Math.floor(position * height) + grown && across <= Math.floor(position * width) + grown
            })
          }
          const pair = (tensor2: Tensor, row: number): number[] => [...tensor2.data.subarray(row * 2, row * 2 + 2)]
          const wanted = near
            .map((row) => ({ row, distance: euclidean(pair(bank, row), pair(queries, place)) }))
            .sort((left, right) => left.distance - right.distance)
            .slice(0, k)
          expect([...indices.data.subarray(place * k, (place + 1) * k)]).toEqual(wanted.map(({ row }) => row))
          wanted.forEach(({ distance }, i) => expect(distances.data[place * k + i]).toBeCloseTo(distance, 5))
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('patchCore.scales', () => {
  test('features of the image at each scale, on the grid of the first, make a patch', async () => {
    const detector = await recipe({ scales: [1, 0.5], coresetRatio: 1, mapSize: 'grid', sigma: 0 }).fit([normals])
    const extractor = tinyExtractor()
    const described = async (images: Tensor): Promise<Tensor> => {
      const half = tensor([images.shape[0] as number, 24, 16, 3], halved(images))
      const maps = await Promise.all([images, half].map((one) => extractor.extract(one, ['layer2', 'layer3'])))
      return patchFeatures(maps.flatMap((own) => [own.get('layer2') as Tensor, own.get('layer3') as Tensor])).vectors
    }
    ensureClose('bank', sorted(detector.state().tensors['bank'] as Tensor), sorted(await described(normals)), {
      relative: 1e-5,
      absolute: 1e-6,
    })
    expect(detector.state().tensors['bank']?.shape).toEqual([96, 56])
  })

  test.each([[[]], [[0.5]], [[1, 1]], [[1, 0.5, 0.7]], [[1, 0]], [[1, NaN]], ['1'], [null]])(
    '%j is refused',
    (scales) => {
      expect(() => recipe({ scales: scales as never })).toThrow(/patchCore: .*scales/)
    },
  )

  test('a shrunk image is the mean over the area of each pixel', () => {
    const row = tensor([1, 1, 5, 1], Float32Array.of(0, 0.1, 0.2, 0.9, 1))
    const third = [
      (0 + (2 / 3) * 0.1) / (5 / 3),
      ((1 / 3) * 0.1 + 0.2 + (1 / 3) * 0.9) / (5 / 3),
      ((2 / 3) * 0.9 + 1) / (5 / 3),
    ]
    ensureClose('a third', shrink(row, 0.6), tensor([1, 1, 3, 1], Float32Array.from(third)), { absolute: 1e-6 })
    ensureClose('itself', shrink(row, 1), row, { absolute: 1e-7 })
    expect([...shrink(tensor([1, 3, 3, 1], new Float32Array(9).fill(1)), 0.4).data]).toEqual([1])
  })
})

/** The means of 2 x 2 pixels. */
function halved({ shape, data }: Tensor): Float32Array {
  const [count, height, width] = shape as [number, number, number]
  const result: number[] = []
  for (let n = 0; n < count; n++)
    for (let y = 0; y < height; y += 2)
      for (let x = 0; x < width; x += 2)
        for (let c = 0; c < 3; c++) {
          const at = (dy: number, dx: number): number =>
            data[((n * height + y + dy) * width + x + dx) * 3 + c] as number
          result.push((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4)
        }
  return Float32Array.from(result)
}

/** Rows in the order of their first values. */
function sorted({ shape, data }: Tensor): Tensor {
  const [rows, dimension] = shape as [number, number]
  const all = Array.from({ length: rows }, (_, row) => [...data.subarray(row * dimension, (row + 1) * dimension)])
  all.sort((left, right) => (left[0] as number) - (right[0] as number))
  return tensor(shape, Float32Array.from(all.flat()))
}

describe('patchCore.restore', () => {
  test('a state of version 2 scores as it did; one with a newer setting under that version is refused', async () => {
    const detector = await recipe({ neighbors: 2, coresetRatio: 0.3 }).fit([normals])
    const { imageScore, position, scales, ...old } = detector.state().options
    expect({ imageScore, position, scales }).toEqual({ imageScore: 'max', position: null, scales: [1] })
    const state: DetectorState = { ...detector.state(), version: 2, options: old }
    const [left, right] = [await detector.predict(tested), await (await recipe().restore(state)).predict(tested)]
    ensureIdentical('scores', right.scores, left.scores)
    ensureIdentical('maps', right.maps, left.maps)
    const mixed = recipe().restore({ ...state, options: { ...old, scales: [1] } })
    await expect(mixed).rejects.toThrow('scales')
    expect(await mixed.catch((error: unknown) => isTabError(error))).toBe(true)
  })

  test('all new settings survive', async () => {
    const detector = await recipe({ position: 0.3, scales: [1, 0.5], imageScore: { topShare: 0.2 } }).fit([normals])
    const restored = await recipe().restore(detector.state())
    expect(restored.state()).toEqual(detector.state())
    ensureIdentical('scores', (await restored.predict(tested)).scores, (await detector.predict(tested)).scores)
  })
})
