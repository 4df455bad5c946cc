import { describe, expect, test } from '@jest/globals'
import { loadDetector, saveDetector, type Calibration } from '@tab/adapters'
import { isTabError, referenceBackend, tensor, type FeatureExtractor, type JsonValue, type Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import fc from 'fast-check'
import { fitInspector, openInspector, type FittedInspector, type Inspection } from '../../src/index.ts'
import { createInspector } from '../../src/inspect/inspector.ts'
import { pixelsOf } from '../../src/inspect/pixels-of.ts'
import { redExtractor } from './red-extractor.ts'

const method = { method: 'patchcore', layers: ['pixels'], coresetSize: 1, sigma: 0 } as const

/** An image of one red, with a square of another in it. */
function square(red: number, other = red, [top, left, side] = [0, 0, 0], [height, width] = [12, 12]): Tensor {
  const data = new Float32Array(height * width * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isInside = y >= top && y < top + side && x >= left && x < left + side
      data[(y * width + x) * 3] = isInside ? other : red
    }
  }
  return tensor([height, width, 3], data)
}

const engine = () => ({ extractor: redExtractor(), backend: referenceBackend() })
const fitted = (options: Partial<Parameters<typeof fitInspector>[0]> = {}): Promise<FittedInspector<Tensor>> =>
  fitInspector({
    images: Array.from({ length: 5 }, () => square(0)),
    preparation: { size: [12, 12] },
    method,
    ...engine(),
    ...options,
  })

describe('an inspector, by values worked out by hand', () => {
  test('of a bright square: its mean over 3 x 3 pixels less that of good parts', async () => {
    const inspector = await fitted()
    const { verdict, score, threshold, pValue, map, regions, image } = await inspector.inspect(
      square(0, 0.75, [3, 4, 5]),
    )
    expect({ verdict, score, threshold }).toEqual({ verdict: 'anomalous', score: 0.75, threshold: 0 })
    expect(pValue).toBe(1 / 6) // above all five
    expect([map?.shape, image]).toEqual([[12, 12], square(0, 0.75, [3, 4, 5])])
    // Through the middle of the square: 0, 3, 6 and 9 of 9 pixels are of the square.
    const row = [...(map as Tensor).data.subarray(5 * 12, 6 * 12)].map((value) => Math.round(value * 1e4) / 1e4)
    expect(row).toEqual([0, 0, 0, 0.25, 0.5, 0.75, 0.75, 0.75, 0.5, 0.25, 0, 0])
    expect(regions).toMatchObject([
      {
        ...{ box: { x: 3, y: 2, width: 7, height: 7 }, area: 49, originalArea: 49, peak: 0.75, peakAt: { x: 5, y: 4 } },
        pValue: 1 / 6, // higher than any of five good images
      },
    ])
    inspector.dispose()
  })

  test('a score that equals the threshold is good', async () => {
    const inspector = await fitted()
    const { verdict, score, regions, pValue } = await inspector.inspect(square(0))
    expect({ verdict, score, regions, pValue }).toEqual({ verdict: 'good', score: 0, regions: [], pValue: 1 })
    inspector.dispose()
  })

  test('regions are in the pixels of the photograph, whatever was cropped', async () => {
    const inspector = await fitted({ preparation: { size: [12, 12], crop: [8, 10] } })
    const { regions, image } = await inspector.inspect(square(0, 0.75, [4, 4, 5]))
    expect(image?.shape).toEqual([8, 10, 3])
    expect(regions).toMatchObject([{ box: { x: 3, y: 3, width: 7, height: 7 }, area: 49 }])
    inspector.dispose()
  })

  test('decoded levels are the same as their pixels divided by 255', async () => {
    const inspector = await fitted()
    const image = square(51 / 255, 204 / 255, [2, 2, 4])
    const levels = Uint8ClampedArray.from({ length: 12 * 12 * 4 }, (_, at) =>
      at % 4 === 3 ? 7 : Math.round(255 * (image.data[Math.floor(at / 4) * 3 + (at % 4)] as number)),
    )
    const { score, map } = await inspector.inspect(image)
    expect(await inspector.inspect({ width: 12, height: 12, data: levels } as never)).toMatchObject({ score, map })
    expect(() => pixelsOf({ width: 12, height: 11, data: levels })).toThrow(/3 or 4 levels .* 11 x 12 pixels, got 576/)
    inspector.dispose()
  })
})

describe('fit, save, open, inspect', () => {
  test.each<[string, JsonValue]>([
    ['nothing', null],
    ['no options', { method: 'patchcore', version: 3, extractorId: 'red' }],
  ])('a file with %s in place of a member is refused', async (_, member) => {
    const state = () => ({
      method: 'ensemble',
      version: 1,
      extractorId: 'red',
      options: { fusion: 'mean', folds: 2, seed: 0, members: [member] },
      tensors: {},
    })
    const detector = await saveDetector({ state }, { preparation: { size: [12, 12] } })
    await expect(openInspector({ detector, ...engine() })).rejects.toMatchObject({ code: 'INVALID_DATA' })
  })

  test('the file judges as the detector that was fitted', async () => {
    const made = await fitted({ images: [tensor([6, 12, 12, 3], randomTensor('parts', [6, 12, 12, 3]).data)] })
    expect(made.images).toEqual({ fitted: 6, heldOut: 0 })
    expect(made.thresholdPlan).toMatchObject({ method: 'cross-fitted', folds: 5, rate: 1 / 7 })
    const opened = await openInspector({ detector: await made.save({ line: 4 }), ...engine() })
    for (const name of ['one', 'two']) {
      const image = randomTensor(name, [20, 9, 3])
      expect(await opened.inspect(image)).toEqual(await made.inspect(image))
    }
    expect(opened.preparation).toEqual({ size: [12, 12] })
    for (const one of [made, opened]) one.dispose()
  })

  test('tells the rate that a held-out threshold promises, and none of a cross-fitted or a given one', async () => {
    const images = Array.from({ length: 10 }, (_, index) => square(index / 10))
    const heldOut = await fitted({ images, falsePositiveRate: 0.2 })
    expect([heldOut.guaranteedRate, heldOut.images]).toEqual([0.2, { fitted: 6, heldOut: 4 }])
    expect(await heldOut.inspect(square(0.5))).toMatchObject({ guaranteedRate: 0.2 })
    expect((await fitted({ images, falsePositiveRate: 0.2, folds: 5 })).guaranteedRate).toBeNull()
    const given = await openInspector({ detector: await heldOut.save(), threshold: 0.99, ...engine() })
    expect(await given.inspect(square(0.5))).toMatchObject({ guaranteedRate: null, threshold: 0.99, verdict: 'good' })
  })

  test('frees what it opened and nothing that was handed in; is of no use afterwards', async () => {
    const parts = engine()
    const inspector = await fitted(parts)
    inspector.dispose()
    expect(parts.extractor.disposals()).toBe(0)
    await expect(inspector.inspect(square(0))).rejects.toMatchObject({ code: 'DISPOSED' })
  })

  test('refuses an engine that is not whole, and no image', async () => {
    const { extractor, backend } = engine()
    const without = { images: [square(0)], preparation: { size: [12, 12] }, method } as const
    await expect(fitInspector({ ...without, extractor })).rejects.toThrow(
      'ort (ONNX Runtime), or a backend, got neither',
    )
    await expect(fitInspector({ ...without, backend })).rejects.toThrow(
      'an extractor, or a backbone with ort, got neither',
    )
    const typo = { method: 'patchcore', coresetRatios: 0.1 } as never
    await expect(fitted({ method: typo })).rejects.toThrow(/fitInspector.method: .*coresetRatios/)
    await expect(fitted({ images: [] })).rejects.toThrow('at least one good image, got none')
    await expect(fitted({ images: [tensor([4], new Float32Array(4))] })).rejects.toThrow('got [4]')
  })
})

type Parity = { pictures: number; tolerance: number; images: { score: number | null; map: number[] }[] }

describe('the parity certificate', () => {
  /** The features of the file's extractor, times a factor: another engine, by the same id. */
  const engineWith = (factor: number): ReturnType<typeof engine> => {
    const { extractor, backend } = engine()
    const extract: FeatureExtractor['extract'] = async (...args) => {
      const features = await extractor.extract(...args)
      return new Map(
        [...features].map(([name, { shape, data }]) => [
          name,
          tensor(
            shape,
            data.map((x) => x * factor),
          ),
        ]),
      )
    }
    return { extractor: { ...extractor, extract }, backend }
  }
  /** The file with another certificate, undamaged. */
  const withParity = async (
    file: Uint8Array,
    change: (parity: Parity) => JsonValue | undefined,
  ): Promise<Uint8Array> => {
    const { detector, notes, ...rest } = await loadDetector(file, engine())
    const { parity: before, ...others } = notes
    const parity = change(JSON.parse(JSON.stringify(before)) as Parity)
    return saveDetector(detector, { ...rest, notes: { ...others, ...(parity === undefined ? {} : { parity }) } })
  }

  test('holds for the engine of the fit and for one that differs by a thousandth, and not for one that differs more', async () => {
    const detector = await (await fitted()).save()
    for (const factor of [1, 1.001, 0.999]) {
      const parity = await (await openInspector({ detector, ...engineWith(factor) })).checkParity()
      expect(parity).toMatchObject({ images: 2, tolerance: 0.002 })
      expect(parity?.difference).toBeCloseTo(Math.abs(factor - 1), 6)
    }
    for (const factor of [1.01, 0.99, 0]) {
      const inspector = await openInspector({ detector, ...engineWith(factor) })
      await expect(inspector.checkParity()).rejects.toMatchObject({ code: 'INCOMPATIBLE' })
    }
    await expect((await fitted()).checkParity()).resolves.toMatchObject({ difference: 0 })
  })

  test('says where, what was expected and what came, of a score and of a part of the map', async () => {
    const file = await (await fitted()).save()
    const scored = await withParity(file, (parity) => {
      if (parity.images[1]) parity.images[1].score = 7
      return parity
    })
    const score = (await openInspector({ detector: scored, ...engine() })).checkParity()
    await expect(score).rejects.toThrow(
      // The highest score is 7, so that those of picture 1 are within the tolerance of it.
      /inspector.checkParity: the score of picture 2 as at the fit, 7 to 0.2 % of 7, got 0/,
    )
    const mapped = await withParity(file, (parity) => {
      const [first] = parity.images
      first?.map.splice(15, 1, 0.9 * (first.map[15] as number))
      return parity
    })
    const map = (await openInspector({ detector: mapped, ...engine() })).checkParity()
    await expect(map).rejects.toThrow(
      /inspector.checkParity: block 16 of the map of picture 1 as at the fit, 0.* got 0/,
    )
  })

  test('is nothing but numbers, and is not asked of files of earlier versions', async () => {
    const file = await (await fitted()).save()
    let noted: unknown
    const without = await withParity(file, (parity) => void (noted = parity))
    expect(noted).toEqual({
      pictures: 1,
      tolerance: 0.002,
      images: Array.from({ length: 2 }, () => ({ score: expect.any(Number), map: Array(16).fill(expect.any(Number)) })),
    })
    const inspector = await openInspector({ detector: without, ...engine() })
    expect([await inspector.checkParity(), (await inspector.inspect(square(0))).verdict]).toEqual([null, 'good'])
  })

  test.each<[string, (parity: Parity) => JsonValue, string]>([
    ['without images', (parity) => ({ ...parity, images: [] }), 'INVALID_DATA'],
    ['that tolerates all', (parity) => ({ ...parity, tolerance: 1 }), 'INVALID_DATA'],
    ['with a score that is none', (parity) => ({ ...parity, images: [{ score: null, map: [0] }] }), 'INVALID_DATA'],
    ['that is null', () => null, 'INVALID_DATA'],
    ['of other pictures', (parity) => ({ ...parity, pictures: 2 }), 'INCOMPATIBLE'],
  ])('one %s is refused when the file is opened', async (_, change, code) => {
    const detector = await withParity(await (await fitted()).save(), change)
    await expect(openInspector({ detector, ...engine() })).rejects.toMatchObject({ code })
  })
})

describe('what was not judged is not good', () => {
  test('without a threshold there is a score and no verdict', async () => {
    const inspector = await fitted({ falsePositiveRate: false })
    const inspection = await inspector.inspect(square(0, 0.75, [3, 4, 5]))
    expect(inspection).toMatchObject({ verdict: 'not-judged', score: 0.75, threshold: null, pValue: null, regions: [] })
    expect(inspection).toHaveProperty('reason', 'the detector has no threshold')
  })

  test('an image that the detector cannot score is not judged, and says why', async () => {
    const made = await fitted()
    const state = { state: () => ({ ...stateOf, options: stateOf.options }) }
    const { calibration } = made
    // The file says 10 x 10, its detector was fitted on 12 x 12: another preparation than that of the fit.
    const detector = await saveDetector(state, { calibration, preparation: { size: [10, 10] } })
    const opened = await openInspector({ detector, ...engine() })
    const inspection = await opened.inspect(square(0))
    expect(inspection).toMatchObject({
      verdict: 'not-judged',
      score: null,
      map: null,
      error: { code: 'INVALID_ARGUMENT' },
    })
  })

  test('of any score: good exactly where it is finite and not above the threshold', async () => {
    const scores = fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, 0.5, Math.fround(0.5 + 2 ** -24)))
    const calibration: Calibration = {
      method: 'held-out',
      falsePositiveRate: 0.5,
      guaranteedRate: 0.5,
      threshold: 0.5,
      pixelFalsePositiveRate: 0.5,
      pixelThreshold: 0.5,
      scores: Float64Array.of(0.5),
    }
    await fc.assert(
      fc.asyncProperty(fc.array(scores, { minLength: 1, maxLength: 9 }), async (values) => {
        const inspector = scripted(values, calibration)
        const told: Inspection[] = []
        for await (const one of inspector.inspectAll(
          values.map((_, index) => index),
          { batchSize: 4 },
        ))
          told.push(one)
        expect(told.map(({ verdict }) => verdict)).toEqual(
          values.map((value) => (!Number.isFinite(value) ? 'not-judged' : value > 0.5 ? 'anomalous' : 'good')),
        )
        expect(told.map(({ score }) => score)).toEqual(values.map((value) => (Number.isFinite(value) ? value : null)))
      }),
    )
  })

  test('a threshold that is not finite, another preparation and none are refused', async () => {
    const made = await fitted()
    const detector = await made.save()
    for (const threshold of [NaN, Infinity]) {
      await expect(openInspector({ detector, threshold, ...engine() })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      })
    }
    const other = openInspector({ detector, preparation: { size: [12, 12], crop: [8, 8] }, ...engine() })
    await expect(other).rejects.toMatchObject({ code: 'INCOMPATIBLE' })
    const same = { size: [12, 12], crop: [12, 12], filter: 'bilinear' } as const
    expect((await openInspector({ detector, preparation: same, ...engine() })).preparation).toEqual({ size: [12, 12] })
    const bare = await saveDetector({ state: () => stateOf })
    await expect(openInspector({ detector: bare, ...engine() })).rejects.toThrow('or a preparation, got neither')
    const size = { preparation: { size: [12, 12] } } as const
    expect(await (await openInspector({ detector: bare, ...size, ...engine() })).inspect(square(0))).toMatchObject({
      verdict: 'not-judged',
      score: 0,
    })
  })

  test('pixels that are no image are an error of the caller', async () => {
    const inspector = await fitted()
    await expect(inspector.inspect(square(200))).rejects.toThrow('image values must be in [0,1], got 200')
    await expect(inspector.inspect(square(NaN))).rejects.toMatchObject({ code: 'NUMERICAL' })
  })
})

describe('a series of images', () => {
  test('is told in its order, as each would be alone; what cannot be read is not judged', async () => {
    const inspector = await fitted()
    const images = [square(0), square(0.5), square(9), square(0, 0.75, [3, 4, 5]), square(0.1)]
    async function* series() {
      yield* images
    }
    const told: Inspection[] = []
    for await (const one of inspector.inspectAll(series(), { batchSize: 3 })) told.push(one)
    expect(told.map(({ verdict }) => verdict)).toEqual(['good', 'anomalous', 'not-judged', 'anomalous', 'anomalous'])
    expect(told[2]).toMatchObject({ image: null, error: { code: 'INVALID_ARGUMENT' } })
    for (const at of [0, 1, 3, 4]) expect(told[at]).toEqual(await inspector.inspect(images[at] as Tensor))
  })

  test('stops when the signal fires, and a single inspection too', async () => {
    const inspector = await fitted()
    const stop = new AbortController()
    const series = inspector.inspectAll(
      Array.from({ length: 9 }, () => square(0)),
      {
        batchSize: 1,
        signal: stop.signal,
      },
    )
    await series.next()
    stop.abort()
    await expect(series.next()).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(inspector.inspect(square(0), { signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(fitted({ signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('reads no further once the signal fires', async () => {
    const inspector = await fitted()
    const stop = new AbortController()
    let pulled = 0
    function* source() {
      for (; pulled < 100; pulled++) {
        if (pulled === 3) stop.abort()
        yield square(0)
      }
    }
    const series = inspector.inspectAll(source(), { batchSize: 200, concurrency: 2, signal: stop.signal })
    await expect(series.next()).rejects.toMatchObject({ code: 'ABORTED' })
    expect(pulled).toBeLessThan(10)
  })

  test('passes on what is no fault of an image', async () => {
    const inspector = await fitted()
    inspector.dispose()
    const error: unknown = await inspector
      .inspectAll([square(0)])
      .next()
      .catch((cause: unknown) => cause)
    expect(isTabError(error, 'DISPOSED')).toBe(true)
  })
})

/** A detector that gives an image, which is a number, the score of that number; in a batch, as alone. */
function scripted(values: readonly number[], calibration: Calibration) {
  return createInspector<number>({
    calibration,
    preparation: { size: [1, 1] },
    detector: {
      async predict({ shape, data }) {
        const count = shape[0] as number
        const scores = Float32Array.from(
          { length: count },
          (_, at) => values[Math.round((data[at * 3] as number) * 100)] as number,
        )
        return { scores: tensor([count], scores), maps: tensor([count, 1, 1], new Float32Array(count)) }
      },
    },
    read: (index) => tensor([1, 1, 3], Float32Array.of(index / 100, 0, 0)),
    nameOf: String,
    dispose: () => undefined,
  })
}

/** What the bank of a detector of black good parts holds. */
const stateOf = {
  method: 'patchcore',
  version: 2,
  extractorId: 'red',
  options: {
    layers: ['pixels'],
    features: 'concatenated',
    neighbors: 1,
    reweighting: null,
    coresetRatio: null,
    coresetSize: 1,
    projectionDimension: 128,
    memoryLimit: null,
    sigma: 0,
    mapSize: 'input',
    seed: 0,
    size: [12, 12],
    seen: 720,
  },
  tensors: { bank: tensor([1, 1], Float32Array.of(0)) },
} as const
