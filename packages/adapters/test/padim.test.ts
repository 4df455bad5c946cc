import { beforeAll, describe, expect, test } from '@jest/globals'
import { anomalyMaps, padim } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { tfjsBackend } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { isTabError, referenceBackend, type DetectorState, type FeatureExtractor, type Tensor } from '@tab/core'
import { describeDetector, ensureClose, randomTensor, sliceBatch } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { tinyExtractor } from './tiny-extractor.ts'

const runner = { describe, test }
beforeAll(() => selectEngine({ prefer: ['cpu'] }))
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

describeDetector('PaDiM of few dimensions on tfjs', {
  create: () => recipe({ backend: tfjsBackend() }),
  runner,
})

describe('padim', () => {
  const normals = randomTensor('normals', [5, 32, 48, 3])
  const tested = randomTensor('tested', [2, 32, 48, 3])

  test.each([
    ['fewer images than dimensions', 5],
    ['as many', 6],
    ['several blocks of images', 70],
  ])('mean and covariance equal the two-pass formulas in batches of any size: %s', async (_, count) => {
    const many = randomTensor('many', [count, 32, 48, 3])
    const layers = ['layer2']
    const whole = (await recipe({ layers }).fit([many])).state().tensors
    const pieces = [sliceBatch(many, 0, 2), sliceBatch(many, 2, 3), sliceBatch(many, 3, count)]
    const streamed = (await recipe({ layers }).fit(pieces)).state().tensors
    expect(Object.keys(whole)).toEqual(['mean', count < 6 ? 'factors' : 'covariance', 'channels'])
    expect(streamed).toEqual(whole)

    const features = (await tinyExtractor().extract(many, layers)).get('layer2') as Tensor
    const [, height, width, total] = features.shape as [number, number, number, number]
    const channels = [...(whole['channels'] as Tensor).data]
    expect(channels).toHaveLength(6)
    for (const position of [0, 7, height * width - 1]) {
      const rows = Array.from({ length: count }, (_, image) =>
        channels.map((channel) => features.data[(image * height * width + position) * total + channel] as number),
      )
      const { mean, covariance } = twoPass(rows)
      mean.forEach((value, d) => expect(whole['mean']?.data[position * 6 + d]).toBeCloseTo(value, 6))
      covariance.forEach((row, i) =>
        row.forEach((value, j) => {
          const scale = Math.sqrt((covariance[i]?.[i] as number) * (covariance[j]?.[j] as number))
          const wanted = value + (i === j ? 0.01 : 0)
          expect(Math.abs(entry(whole, position, i, j) - wanted)).toBeLessThan(1e-5 * scale)
        }),
      )
    }
  })

  test.each([
    ['fewer images than dimensions', 5],
    ['more', 40],
  ])('the map is the Mahalanobis distance by its definition: %s', async (_, count) => {
    const many = randomTensor('many', [count, 32, 48, 3])
    const layers = ['layer1']
    const detector = await recipe({ layers, sigma: 0 }).fit([many])
    const channels = [...(detector.state().tensors['channels'] as Tensor).data]
    const { maps } = await detector.predict(tested)
    const all = (await tinyExtractor().extract(many, layers)).get('layer1') as Tensor
    const own = (await tinyExtractor().extract(tested, layers)).get('layer1') as Tensor
    const vector = ({ data }: Tensor, image: number, position: number): number[] =>
      channels.map((channel) => data[(image * 8 * 12 + position) * 8 + channel] as number)
    const distance = (image: number, y: number, x: number): number => {
      const rows = Array.from({ length: count }, (_, n) => vector(all, n, y * 12 + x))
      return mahalanobis(vector(own, image, y * 12 + x), rows, 0.01)
    }
    // A corner of the map shows the corner of the grid alone.
    for (const [image, y, x, row, column] of [
      [0, 0, 0, 0, 0],
      [0, 31, 47, 7, 11],
      [1, 0, 47, 0, 11],
      [1, 31, 0, 7, 0],
    ] as const) {
      const value = maps.data[(image * 32 + y) * 48 + x] as number
      const wanted = distance(image, row, column)
      expect(Math.abs(value / wanted - 1)).toBeLessThan(1e-5)
    }
  })

  test.each([
    ['fewer images than dimensions', 5],
    ['more', 24],
  ])('three backends agree, and the image score is the maximum of the map: %s', async (_, count) => {
    const many = randomTensor('many', [count, 32, 48, 3])
    const wanted = await (await recipe({ dimensions: 20 }).fit([many])).predict(tested)
    for (const backend of [onnxBackend({ ort }), tfjsBackend()]) {
      const detector = await recipe({ dimensions: 20, backend }).fit([many])
      const { scores, maps } = await detector.predict(tested)
      ensureClose(`scores on ${backend.name}`, scores, wanted.scores, { relative: 1e-4 })
      ensureClose(`maps on ${backend.name}`, maps, wanted.maps, { relative: 1e-4 })
      detector.dispose()
    }
    for (const image of [0, 1]) {
      const map = wanted.maps.data.subarray(image * 32 * 48, (image + 1) * 32 * 48)
      expect(wanted.scores.data[image]).toBe(Math.max(...map))
    }
  })

  test('the low-rank form scores as the same covariance written out', async () => {
    const low = await recipe({ dimensions: 20 }).fit([normals])
    const { options, tensors, ...maker } = low.state()
    const { mean, factors, channels } = tensors as Record<string, Tensor>
    const [positions, rank, dimension] = (factors as Tensor).shape as [number, number, number]
    expect([rank, dimension]).toEqual([5, 20])
    const covariance = new Float32Array(positions * dimension * dimension)
    for (let at = 0; at < covariance.length; at++) {
      const position = Math.floor(at / dimension ** 2)
      const [i, j] = [Math.floor(at / dimension) % dimension, at % dimension]
      covariance[at] = entry(tensors, position, i, j)
    }
    const written = {
      mean,
      covariance: { dtype: 'float32', shape: [positions, dimension, dimension], data: covariance },
    }
    const full = await recipe().restore({ ...maker, options, tensors: { ...written, channels } as typeof tensors })
    ensureClose('maps', (await low.predict(tested)).maps, (await full.predict(tested)).maps, { relative: 1e-4 })
  })

  test('deeper layers come by the nearest where asked: a constant 4 x 4 block of the finest grid', async () => {
    const detector = await recipe({ interpolation: 'nearest', layers: ['layer1', 'layer3'], dimensions: 24 }).fit([
      normals,
    ])
    const mean = detector.state().tensors['mean'] as Tensor
    const deep = (position: number): number[] => [...mean.data.slice(position * 24 + 8, (position + 1) * 24)]
    const grid = (await tinyExtractor().extract(normals, ['layer3'])).get('layer3') as Tensor // 2 x 3
    for (const [y, x] of [
      [0, 0],
      [3, 3],
      [3, 4],
      [7, 11],
    ] as const) {
      const cell = Math.floor(y / 4) * 3 + Math.floor(x / 4)
      const wanted = Array.from({ length: 16 }, (_, channel) => {
        const values = [0, 1, 2, 3, 4].map((image) => grid.data[(image * 6 + cell) * 16 + channel] as number)
        return values.reduce((sum, value) => sum + value, 0) / 5
      })
      deep(y * 12 + x).forEach((value, channel) => expect(value).toBeCloseTo(wanted[channel] as number, 6))
    }
    expect(() => recipe({ interpolation: 'cubic' })).toThrow('interpolation among bilinear, nearest, got cubic')
  })

  test('maps on the grid are the smoothed distances, and the scores stay those of the images', async () => {
    const [full, grid] = [await recipe().fit([normals]), await recipe({ mapSize: 'grid' }).fit([normals])]
    const raw = await (await recipe({ sigma: 0, mapSize: 'grid' }).fit([normals])).predict(tested)
    const found = await grid.predict(tested)
    expect(found.scores).toEqual((await full.predict(tested)).scores)
    // A sigma of 2 pixels of the image is one of 0.5 on the grid of every fourth.
    ensureClose('maps', found.maps, anomalyMaps(raw.maps, [8, 12], 0.5), { relative: 1e-5 })
    const restored = await recipe().restore(grid.state())
    expect((await restored.predict(tested)).maps).toEqual(found.maps)
    expect(() => recipe({ mapSize: 'half' })).toThrow('mapSize among input, grid, got half')
  })

  test('a seed draws the same channels, another seed others; all by default, more are refused', async () => {
    const channelsOf = async (more: object): Promise<number[]> => [
      ...((await recipe(more).fit([normals])).state().tensors['channels']?.data ?? []),
    ]
    expect(await channelsOf({ seed: 3 })).toEqual(await channelsOf({ seed: 3 }))
    expect(await channelsOf({ seed: 3 })).not.toEqual(await channelsOf({ seed: 4 }))
    await expect(channelsOf({ dimensions: 37 })).rejects.toThrow(
      'padim.fit: dimensions must be at most 36, the number of channels of the layers, got 37',
    )
    expect(await channelsOf({ dimensions: undefined })).toEqual(Array.from({ length: 36 }, (_, channel) => channel))
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
      'covariance [P,D,D] or factors [P,n,D]',
    )
    const channels = state.tensors['channels'] as Tensor<'int32'>
    for (const last of [36, 0, -1]) {
      const data = Int32Array.from(channels.data, (channel, i) => (i === 5 ? last : channel))
      const damaged = { ...state, tensors: { ...state.tensors, channels: { ...channels, data } } }
      await expect(recipe().restore(damaged)).rejects.toMatchObject({ code: 'INVALID_DATA' })
    }
    await expect(recipe().restore({ ...state, method: 'patchcore' })).rejects.toThrow('method padim, got patchcore')
  })

  test('images all alike are learnt thanks to the regularisation, few and many', async () => {
    for (const count of [2, 40]) {
      const [one] = [sliceBatch(normals, 0, 1)]
      const detector = await recipe({ sigma: 0 }).fit(Array.from({ length: count }, () => one))
      expect((await detector.predict(one)).scores.data[0]).toBeLessThan(1e-4)
      // Away from the mean by |d| in every direction: |d| / sqrt(0.01).
      const { scores } = await detector.predict(tested)
      expect(scores.data.every((score) => Number.isFinite(score) && score > 0.1)).toBe(true)
    }
  })

  test('features that are not finite, layers that do not come, and images of several sizes are refused', async () => {
    const spoiled = (change: (name: string, layer: Tensor) => Tensor | undefined): FeatureExtractor => ({
      ...tinyExtractor(),
      async extract(images, layers) {
        const features = await tinyExtractor().extract(images, layers)
        return new Map(
          [...features].flatMap(([name, layer]) => {
            const changed = change(name, layer)
            return changed ? [[name, changed] as const] : []
          }),
        )
      },
    })
    const broken = spoiled((_, layer) => ({ ...layer, data: layer.data.map((value, at) => (at < 400 ? value : NaN)) }))
    const all = { dimensions: 36 }
    await expect(recipe({ ...all, extractor: broken }).fit([normals])).rejects.toMatchObject({ code: 'NUMERICAL' })
    const state = (await recipe(all).fit([normals])).state()
    const detector = await recipe({ ...all, extractor: broken }).restore(state)
    await expect(detector.predict(tested)).rejects.toThrow('features of layer1 must be finite, got NaN for image 0')
    const lacking = spoiled((name, layer) => (name === 'layer2' ? undefined : layer))
    await expect(recipe({ extractor: lacking }).fit([normals])).rejects.toThrow(
      'padim.fit: features [5,h,w,C] of layer2 from the extractor tiny-1, got none',
    )
    const flat = spoiled((_, layer) => ({ ...layer, shape: [layer.data.length] }))
    await expect(recipe({ extractor: flat }).fit([normals])).rejects.toThrow('of layer1 from the extractor')
    const other = randomTensor('other', [1, 48, 48, 3])
    await expect(recipe().fit([normals, other])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(recipe({ layers: ['layer2', 'layer1'] }).fit([normals])).rejects.toThrow(
      'layers in order, the finest grid first',
    )
  })

  test.each([
    ['reference', referenceBackend()],
    ['ONNX Runtime', onnxBackend({ ort })],
    ['tfjs', tfjsBackend()],
  ])('disposed while it predicts on %s, it answers or says so', async (_, backend) => {
    const detector = await recipe({ backend }).fit([normals])
    const turns = [0, 1, 2, 5, 20].map(async (count) => {
      const own = await recipe({ backend }).restore(detector.state())
      const running = own.predict(tested)
      for (let turn = 0; turn < count; turn++) await Promise.resolve()
      own.dispose()
      return running.then(
        ({ scores }) => scores.data.every(Number.isFinite),
        (error) => isTabError(error, 'DISPOSED'),
      )
    })
    expect(await Promise.all(turns)).toEqual([true, true, true, true, true])
    detector.dispose()
  })

  test('fitting many images stops when asked, also while it merges them', async () => {
    const controller = new AbortController()
    async function* source() {
      yield randomTensor('many', [40, 32, 48, 3])
      controller.abort()
      yield normals
    }
    await expect(recipe().fit(source(), { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

/** Mean and sample covariance of rows, in float64. */
function twoPass(rows: readonly number[][]): { mean: number[]; covariance: number[][] } {
  const [first] = rows as [number[]]
  const mean = first.map((_, d) => rows.reduce((sum, row) => sum + (row[d] as number), 0) / rows.length)
  const product = (i: number, j: number): number =>
    rows.reduce(
      (sum, row) => sum + ((row[i] as number) - (mean[i] as number)) * ((row[j] as number) - (mean[j] as number)),
      0,
    )
  const covariance = mean.map((_, i) => mean.map((_, j) => product(i, j) / (rows.length - 1)))
  return { mean, covariance }
}

/** Entry [i,j] of a position's covariance, in whichever form a state has it. */
function entry(tensors: DetectorState['tensors'], position: number, i: number, j: number): number {
  const { covariance, factors } = tensors
  if (covariance) {
    const dimension = covariance.shape[2] as number
    return covariance.data[(position * dimension + i) * dimension + j] as number
  }
  const [, rank, dimension] = (factors as Tensor).shape as [number, number, number]
  let sum = i === j ? 0.01 : 0
  for (let row = 0; row < rank; row++) {
    const at = (position * rank + row) * dimension
    sum += (factors?.data[at + i] as number) * (factors?.data[at + j] as number)
  }
  return sum
}

/** sqrt(d^T (covariance + regularisation I)^-1 d), solved by Gauss-Jordan with pivoting. */
function mahalanobis(vector: readonly number[], rows: readonly number[][], regularisation: number): number {
  const { mean, covariance } = twoPass(rows)
  const difference = vector.map((value, d) => value - (mean[d] as number))
  const system = covariance.map((row, i) => [
    ...row.map((value, j) => value + (i === j ? regularisation : 0)),
    difference[i] as number,
  ])
  for (let column = 0; column < system.length; column++) {
    const size = (row: number): number => Math.abs(system[row]?.[column] as number)
    let pivot = column
    for (let row = column + 1; row < system.length; row++) if (size(row) > size(pivot)) pivot = row
    ;[system[column], system[pivot]] = [system[pivot] as number[], system[column] as number[]]
    const own = system[column] as number[]
    for (const row of system) {
      if (row === own) continue
      const factor = (row[column] as number) / (own[column] as number)
      own.forEach((value, at) => (row[at] = (row[at] as number) - factor * value))
    }
  }
  const solution = system.map((row, i) => (row.at(-1) as number) / (row[i] as number))
  return Math.sqrt(solution.reduce((sum, value, i) => sum + value * (difference[i] as number), 0))
}
