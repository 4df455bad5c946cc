import { beforeAll, describe, expect, test } from '@jest/globals'
import { anomalyMaps, patchCore, patchFeatures, referencePatchFeatures, type PatchCoreOptions } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { tfjsBackend } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { referenceBackend, tensor, type Detector, type FeatureExtractor, type Tensor } from '@tab/core'
import { describeDetector, ensureClose, randomTensor, sliceBatch } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { tinyExtractor } from './tiny-extractor.ts'

const runner = { describe, test }
const recipe = (more: Partial<PatchCoreOptions> = {}) =>
  patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), coresetRatio: 0.5, sigma: 2, ...more })
const reference = { features: 'reference', neighbors: 2, reweighting: 5 } as const

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'] })
})

describeDetector('PatchCore on the reference backend', { create: recipe, runner })
describeDetector('PatchCore with reference features, neighbours and re-weighting, on tfjs wasm', {
  create: () => recipe({ ...reference, backend: tfjsBackend() }),
  runner,
})
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

/** JSON knows no typed arrays: objects with a dtype get theirs back. */
function reviveTensors(_: string, value: { dtype?: string; shape: number[]; data: object } | null): unknown {
  return value?.dtype === 'float32' ? tensor(value.shape, Float32Array.from(Object.values(value.data))) : value
}

describe('patchCore', () => {
  const normals = randomTensor('normals', [4, 48, 32, 3])
  const tested = randomTensor('tested', [2, 48, 32, 3])

  /** Patch vectors of each image, one array a patch. */
  async function patchesOf(images: Tensor, kind: 'concatenated' | 'reference'): Promise<number[][][]> {
    const features = await tinyExtractor().extract(images, ['layer2', 'layer3'])
    const maps = [features.get('layer2') as Tensor, features.get('layer3') as Tensor]
    const { vectors } = kind === 'reference' ? referencePatchFeatures(maps) : patchFeatures(maps)
    const [rows, dimension] = vectors.shape as [number, number]
    const all = Array.from({ length: rows }, (_, row) => [
      ...vectors.data.subarray(row * dimension, (row + 1) * dimension),
    ])
    const count = images.shape[0] as number
    return Array.from({ length: count }, (_, image) => all.slice((image * rows) / count, ((image + 1) * rows) / count))
  }
  const euclidean = (a: number[], b: number[]): number => Math.hypot(...a.map((value, d) => value - (b[d] as number)))

  test.each([
    ['concatenated', 1, undefined],
    ['concatenated', 3, undefined],
    ['reference', 1, undefined],
    ['reference', 3, undefined],
    ['concatenated', 1, 9],
    ['concatenated', 2, 4],
    ['concatenated', 1, 96], // all of the bank
    ['reference', 1, 9],
  ] as const)(
    'scores equal the definition over all patches: %s, %s neighbours, re-weighted by %s',
    async (features, neighbors, b) => {
      const weighing = b === undefined ? {} : { reweighting: b }
      const detector = await recipe({ features, neighbors, coresetRatio: 1, ...weighing }).fit([normals])
      const { scores } = await detector.predict(tested)
      const bank = (await patchesOf(normals, features)).flat()
      const images = await patchesOf(tested, features)
      images.forEach((patches, image) => {
        const ranked = patches.map((patch) =>
          bank
            .map((row) => ({ row, distance: euclidean(row, patch) }))
            .sort((left, right) => left.distance - right.distance),
        )
        const measure = (distance: number): number => (features === 'reference' ? distance ** 2 : distance)
        const patchScores = ranked.map(
          (list) => list.slice(0, neighbors).reduce((sum, { distance }) => sum + measure(distance), 0) / neighbors,
        )
        const winner = patchScores.indexOf(Math.max(...patchScores))
        let wanted = patchScores[winner] as number
        if (b !== undefined) {
          const { row: closest, distance: own } = ranked[winner]?.[0] as { row: number[]; distance: number }
          const support = [...bank].sort((l, r) => euclidean(l, closest) - euclidean(r, closest)).slice(0, b)
          const sum = support.reduce((total, row) => total + Math.exp(euclidean(row, patches[winner] as number[])), 0)
          wanted *= 1 - Math.exp(own) / sum
        }
        expect(Math.abs((scores.data[image] as number) / wanted - 1)).toBeLessThan(1e-5)
      })
    },
  )

  test('good images it was fitted on score 0 when the whole bank is kept', async () => {
    const detector = await patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), coresetRatio: 1 }).fit([
      normals,
    ])
    expect([...(await detector.predict(normals)).scores.data]).toEqual([0, 0, 0, 0])
  })

  test.each([{}, reference])('reference, ONNX Runtime and tfjs agree: %j', async (more) => {
    const options = { ...more, coresetRatio: 0.4 }
    const fit = async (backend: PatchCoreOptions['backend']) =>
      (await recipe({ ...options, backend }).fit([normals])).predict(tested)
    const wanted = await fit(referenceBackend())
    for (const backend of [onnxBackend({ ort }), tfjsBackend()]) {
      const found = await fit(backend)
      ensureClose('scores', found.scores, wanted.scores, { relative: 1e-4 })
      ensureClose('maps', found.maps, wanted.maps, { relative: 1e-4, absolute: 1e-6 })
    }
  })

  test('a map at grid resolution is the patch scores, smoothed by the same Gaussian in the image', async () => {
    const plain = await recipe({ mapSize: 'grid', sigma: 0, coresetRatio: 1 }).fit([normals])
    const { maps, scores } = await plain.predict(tested)
    expect(maps.shape).toEqual([2, 6, 4])
    for (const image of [0, 1]) {
      expect(Math.max(...maps.data.subarray(image * 24, (image + 1) * 24))).toBe(scores.data[image])
    }
    const smooth = await recipe({ mapSize: 'grid', sigma: 8, coresetRatio: 1 }).fit([normals])
    ensureClose('maps', (await smooth.predict(tested)).maps, anomalyMaps(maps, [6, 4], 1))
  })

  test('all settings survive state and restore', async () => {
    const more = { ...reference, coresetSize: 17, coresetRatio: undefined, mapSize: 'grid', memoryLimit: 1e6, seed: 5 }
    const detector = await recipe(more as object).fit([normals])
    const restored = await recipe().restore(JSON.parse(JSON.stringify(detector.state()), reviveTensors) as never)
    expect(restored.state().options).toEqual(detector.state().options)
    expect(restored.state().options).toMatchObject({ features: 'reference', neighbors: 2, coresetSize: 17, seen: 96 })
    const [left, right] = [await detector.predict(tested), await restored.predict(tested)]
    expect([...right.scores.data, ...right.maps.data]).toEqual([...left.scores.data, ...left.maps.data])
  })

  test('fits of one recipe, small and large, are those of recipes of their own; extend keeps to the seed of its state', async () => {
    const projected = (seed: number) => recipe({ projectionDimension: 3, seed, coresetRatio: 0.1 })
    const bank = (detector: Detector) => [...(detector.state().tensors['bank'] as Tensor).data]
    const often = projected(5)
    for (const images of [normals, tested, normals, sliceBatch(normals, 0, 1)])
      expect(bank(await often.fit([images]))).toEqual(bank(await projected(5).fit([images])))
    const other = await projected(6).fit([tested])
    const extended = (maker: typeof often) => maker.extend(other.state(), [normals])
    expect(bank(await extended(often))).toEqual(bank(await extended(projected(6))))
  })

  test('extend gives a detector that knows both; the old one stays as it was', async () => {
    const maker = recipe({ coresetRatio: 1 })
    const detector = await maker.fit([sliceBatch(normals, 0, 2)])
    const before = await detector.predict(normals)
    expect(before.scores.data[3]).toBeGreaterThan(0)
    const extended = await maker.extend(detector.state(), [sliceBatch(normals, 2, 4)])
    expect([...(await extended.predict(normals)).scores.data]).toEqual([0, 0, 0, 0])
    expect(extended.state().options['seen']).toBe(96)
    extended.dispose()
    expect([...(await detector.predict(normals)).scores.data]).toEqual([...before.scores.data])
    const small = recipe({ coresetRatio: undefined, coresetSize: 10 } as object)
    const grown = await small.extend((await small.fit([normals])).state(), [tested])
    expect(grown.state().tensors['bank']?.shape).toEqual([10, 28])
    await expect(maker.extend(detector.state(), [])).rejects.toThrow('patchCore.extend: at least one good image')
    await expect(maker.extend(detector.state(), [randomTensor('o', [1, 32, 32, 3])])).rejects.toThrow(
      'images of the fitted size, [N,48,32,3], got [N,32,32,3]',
    )
  })

  test('predict in flight while disposing resolves, and what comes later is refused', async () => {
    for (const backend of [referenceBackend(), onnxBackend({ ort }), tfjsBackend()]) {
      const detector = await recipe({ ...reference, backend }).fit([normals])
      const alone = await detector.predict(tested)
      const [first, second] = [detector.predict(tested), detector.predict(tested)]
      detector.dispose()
      await expect(detector.predict(tested)).rejects.toMatchObject({ code: 'DISPOSED' })
      expect([...(await first).scores.data]).toEqual([...alone.scores.data])
      expect([...(await second).scores.data]).toEqual([...alone.scores.data])
    }
  })

  test('an extractor that gives NaN, no layer or another shape is refused by name', async () => {
    const giving = (change: (layer: Tensor) => Tensor | undefined): FeatureExtractor => {
      const sound = tinyExtractor()
      return {
        ...sound,
        async extract(images, layers) {
          const features = new Map(await sound.extract(images, layers))
          const changed = change(features.get('layer3') as Tensor)
          if (changed) features.set('layer3', changed)
          else features.delete('layer3')
          return features
        },
      }
    }
    const spoilt = giving(({ shape, data }) => {
      const values = data.slice()
      values[Math.floor(values.length / 2)] = NaN
      return tensor(shape, values)
    })
    await expect(recipe({ extractor: spoilt }).fit([normals])).rejects.toThrow(
      'patchCore.fit: features of layer3 must be finite, got NaN for image 2',
    )
    const state = (await recipe().fit([normals])).state()
    const detector = await recipe({ extractor: spoilt }).restore(state)
    await expect(detector.predict(tested)).rejects.toMatchObject({ code: 'NUMERICAL' })
    await expect(recipe({ extractor: giving(() => undefined) }).fit([normals])).rejects.toThrow(
      'features [4,h,w,C] of layer3 from the extractor tiny-1, got none',
    )
    const flat = giving(({ data }) => tensor([data.length], data))
    await expect(recipe({ extractor: flat }).fit([normals])).rejects.toMatchObject({ code: 'INVALID_DATA' })
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
    [{ coresetRatio: undefined, coresetSize: 0 }, 'patchCore: coresetSize must be a whole number >= 1, got 0'],
    [{ coresetRatio: 0.1, coresetSize: 10 }, 'patchCore: coresetRatio or coresetSize, got both'],
    [{ neighbors: 0 }, 'neighbors must be a whole number >= 1'],
    [{ reweighting: 1 }, 'reweighting must be a whole number >= 2, got 1'],
    [{ features: 'pooled' }, 'features among concatenated, reference, got pooled'],
    [{ mapSize: 'patch' }, 'mapSize among input, grid, got patch'],
    [{ memoryLimit: 0 }, 'memoryLimit must be a whole number >= 1, got 0'],
    [{ projectionDimension: 1.5 }, 'projectionDimension must be a whole number'],
    [{ sigma: -1 }, 'sigma must be'],
    [{ layers: ['layer2', 'layer9'] }, 'layers among layer1, layer2, layer3, got layer9'],
    [{ layers: [] }, 'got none'],
  ])('refuses %j', (options, message) => {
    const given = { extractor: tinyExtractor(), backend: referenceBackend(), ...options } as PatchCoreOptions
    expect(() => patchCore(given)).toThrow(message)
  })

  test('refuses a state with a key it does not know', async () => {
    const state = (await recipe().fit([normals])).state()
    const typo = { ...state, options: { ...state.options, sigmaa: 1 } }
    await expect(recipe().restore(typo)).rejects.toThrow('got sigmaa')
    for (const options of [{ neighbors: 0 }, { features: 'other' }, { sigma: 'wide' }, { layers: 'layer2' }]) {
      const damaged = { ...state, options: { ...state.options, ...options } }
      await expect(recipe().restore(damaged)).rejects.toMatchObject({ code: 'INVALID_DATA' })
    }
  })

  test.each([
    [{ neighbors: 49 }, 'neighbors must be at most 48, the number of patches of the memory bank, got 49'],
    [{ reweighting: 49 }, 'reweighting must be at most 48, the number of patches of the memory bank, got 49'],
    [
      { coresetRatio: undefined, coresetSize: 97 },
      'coresetSize must be at most 96, the number of patches of the good images, got 97',
    ],
  ])('more than there is is refused: %j', async (options, message) => {
    await expect(recipe(options as object).fit([normals])).rejects.toThrow(`patchCore.fit: ${message}`)
  })
})
