import { beforeAll, describe, expect, test } from '@jest/globals'
import {
  anomalyMaps,
  calibrateThreshold,
  crossCalibrate,
  ensemble,
  imagesNeeded,
  loadDetector,
  normalizedScore,
  padim,
  patchCore,
  patchFeatures,
  pValue,
  referencePatchFeatures,
  saveDetector,
  textGuided,
  verdict,
  type Calibration,
} from '@tab/adapters'
import { kCenter } from '@tab/kernels'
import {
  isTabError,
  readSafetensors,
  referenceBackend,
  tensor,
  writeSafetensors,
  type Backend,
  type Detector,
  type DetectorRecipe,
  type FeatureExtractor,
} from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { brightness, rows } from './brightness-detector.ts'
import { randomAlignment } from './tiny-alignment.ts'
import { tinyExtractor } from './tiny-extractor.ts'

/** What comes in place of a number: JSON's null for NaN, a missing field, a cell of a CSV file, ... */
const NO_NUMBERS = [null, undefined, NaN, Infinity, -Infinity, '1', '', 1n, [], [1], {}]

async function expectRefused(call: () => unknown, codes: readonly string[]): Promise<void> {
  let result: unknown
  try {
    result = await call()
  } catch (error) {
    if (!isTabError(error)) throw error
    expect(codes).toContain(error.code)
    return
  }
  throw new Error(`gave ${JSON.stringify(result)}`)
}

const calibration: Calibration = {
  method: 'held-out',
  falsePositiveRate: 0.2,
  guaranteedRate: 0.2,
  threshold: 1,
  pixelFalsePositiveRate: 0.2,
  pixelThreshold: 1,
  scores: Float64Array.of(0.1, 0.2, 0.3, 1),
}

describe.each([
  ['verdict', verdict],
  ['pValue', pValue],
  ['normalizedScore', normalizedScore],
] as const)('%s', (_, judge) => {
  test('refuses a score that is not a finite number: a part that could not be scored is not good', async () => {
    for (const bad of NO_NUMBERS) await expectRefused(() => judge(calibration, bad as number), ['NUMERICAL'])
    expect(() => judge(calibration, NaN)).toThrow('score must be a finite number, got NaN')
  })

  test('refuses a calibration that is broken', async () => {
    for (const bad of NO_NUMBERS) {
      await expectRefused(() => judge({ ...calibration, threshold: bad as number }, 0.5), ['NUMERICAL'])
      const scores = [0.1, bad, 1] as unknown as Float64Array
      await expectRefused(() => judge({ ...calibration, scores }, 0.5), ['NUMERICAL'])
    }
    for (const bad of [null, undefined, new Float64Array(0), { 0: 1 }]) {
      await expectRefused(() => judge({ ...calibration, scores: bad as never }, 0.5), ['INVALID_ARGUMENT'])
    }
  })
})

const extractor = tinyExtractor()
const backend = referenceBackend()
const alignment = randomAlignment(extractor, 6, true)
const normals = randomTensor('normals', [4, 32, 32, 3])
const core = (options: object): unknown => patchCore({ extractor, backend, ...options })
const gaussians = (options: object): unknown => padim({ extractor, backend, ...options })
const guided = (options: object): unknown => textGuided({ extractor, backend, alignment, ...options })
const calibrate = async (rates: object): Promise<unknown> =>
  calibrateThreshold(await brightness().fit([rows([[0]])]), [rows([[1], [2]])], rates as { falsePositiveRate: number })
const cross = (options: object): unknown =>
  crossCalibrate(brightness(), [rows([[1], [2], [3]])], { falsePositiveRate: 0.5, ...options })
const patches = tensor([1, 2, 2], Float32Array.of(1, 2, 3, 4))
const points = tensor([3, 2], Float32Array.of(0, 0, 1, 1, 2, 2))

/** Every number by itself: what takes it, and whether it may be left out. */
const numbers: readonly [name: string, optional: boolean, call: (value: unknown) => unknown][] = [
  ['imagesNeeded', false, (value) => imagesNeeded(value as number)],
  ['calibrateThreshold falsePositiveRate', false, (value) => calibrate({ falsePositiveRate: value })],
  [
    'calibrateThreshold pixelFalsePositiveRate',
    true,
    (value) => calibrate({ falsePositiveRate: 0.5, pixelFalsePositiveRate: value }),
  ],
  ['crossCalibrate falsePositiveRate', false, (value) => cross({ falsePositiveRate: value })],
  ['crossCalibrate pixelFalsePositiveRate', true, (value) => cross({ pixelFalsePositiveRate: value })],
  ['crossCalibrate folds', true, (folds) => cross({ folds })],
  ['crossCalibrate seed', true, (seed) => cross({ seed })],
  ...[
    'neighbors',
    'reweighting',
    'coresetRatio',
    'coresetSize',
    'projectionDimension',
    'memoryLimit',
    'sigma',
    'seed',
  ].map((name): [string, boolean, (value: unknown) => unknown] => [
    `patchCore ${name}`,
    true,
    (value) => core({ [name]: value }),
  ]),
  ...['dimensions', 'regularisation', 'sigma', 'seed'].map((name): [string, boolean, (value: unknown) => unknown] => [
    `padim ${name}`,
    true,
    (value) => gaussians({ [name]: value }),
  ]),
  ...['patchWeight', 'sigma'].map((name): [string, boolean, (value: unknown) => unknown] => [
    `textGuided ${name}`,
    true,
    (value) => guided({ [name]: value }),
  ]),
  ...['folds', 'seed'].map((name): [string, boolean, (value: unknown) => unknown] => [
    `ensemble ${name}`,
    true,
    (value) => ensemble([brightness()], { [name]: value }),
  ]),
  ['anomalyMaps height', false, (value) => anomalyMaps(patches, [value as number, 4], 1)],
  ['anomalyMaps width', false, (value) => anomalyMaps(patches, [4, value as number], 1)],
  ['anomalyMaps sigma', false, (value) => anomalyMaps(patches, [4, 4], value as number)],
  ['anomalyMaps sigma down', false, (value) => anomalyMaps(patches, [4, 4], [value as number, 1])],
  ['anomalyMaps scores', false, (value) => anomalyMaps(value as never, [4, 4], 1)],
  ['kCenter count', false, (value) => kCenter(points, value as number, { start: 0 })],
  ['kCenter start', false, (start) => kCenter(points, 1, { start: start as number })],
  ['kCenter points', false, (value) => kCenter(value as never, 1, { start: 0 })],
  ['patchFeatures', false, (value) => patchFeatures([value as never])],
  ['referencePatchFeatures', false, (value) => referencePatchFeatures([value as never])],
]

test.each(numbers)('%s must be a number', async (_, optional, call) => {
  for (const bad of NO_NUMBERS) {
    if (optional && bad === undefined) continue
    await expectRefused(() => call(bad), ['INVALID_ARGUMENT'])
  }
})

test('points of k-center that are not finite are refused', async () => {
  const broken = tensor([3, 2], points.data.with(3, NaN))
  await expect(kCenter(broken, 2, { start: 0 })).rejects.toThrow('points must be finite, got NaN in row 1')
})

/** A backend whose results hold one number that is not finite: an overflow, a broken driver. */
function broken(value: number): Backend {
  const spoil = ({ shape, data }: { shape: readonly number[]; data: Float32Array }) =>
    tensor(shape, data.length > 0 ? data.with(data.length - 1, value) : data)
  return {
    ...backend,
    async matmul(...parts) {
      return spoil(await backend.matmul(...parts))
    },
    async searchIndex(bank) {
      const index = await backend.searchIndex(bank)
      const search: typeof index.search = async (queries, k) => {
        const found = await index.search(queries, k)
        return { ...found, distances: spoil(found.distances) }
      }
      return { ...index, search }
    },
    async gaussianScorer(...parts) {
      const scorer = await backend.gaussianScorer(...parts)
      return { ...scorer, score: async (vectors) => spoil(await scorer.score(vectors)) }
    },
  }
}

describe.each([NaN, Infinity])('a result of %d is an error that names the image, never a good part', (value) => {
  const tested = randomTensor('tested', [3, 32, 32, 3])
  const recipes: readonly [string, (parts: { extractor: FeatureExtractor; backend: Backend }) => DetectorRecipe][] = [
    ['patchCore', (parts) => patchCore({ ...parts, projectionDimension: 1000 })],
    ['padim', (parts) => padim({ ...parts, dimensions: 5 })],
    ['textGuided', (parts) => textGuided({ ...parts, alignment })],
  ]

  test.each(recipes)('%s, from the backend', async (_, recipe) => {
    const state = (await recipe({ extractor, backend }).fit([normals])).state()
    const detector = await recipe({ extractor, backend: broken(value) }).restore(state)
    await expect(detector.predict(tested)).rejects.toMatchObject({
      code: 'NUMERICAL',
      message: expect.stringMatching(/must be finite, got (NaN|Infinity|-Infinity) for image 2$/),
    })
  })

  test.each(recipes)('%s, from the extractor', async (_, recipe) => {
    const state = (await recipe({ extractor, backend }).fit([normals])).state()
    const spoilt: FeatureExtractor = {
      ...extractor,
      async extract(images, layers) {
        const features = await extractor.extract(images, layers)
        return new Map(
          [...features].map(([name, { shape, data }]) => [name, tensor(shape, data.with(data.length - 1, value))]),
        )
      },
    }
    const detector = await recipe({ extractor: spoilt, backend }).restore(state)
    await expect(detector.predict(tested)).rejects.toMatchObject({
      code: 'NUMERICAL',
      message: expect.stringMatching(/features of layer\d must be finite, got .* for image 2$/),
    })
  })

  /** A detector of another maker whose second image has no score, or no map. */
  const foreign = (part: 'scores' | 'maps', count = 1): DetectorRecipe => ({
    ...brightness(),
    async fit(images) {
      const detector = await brightness().fit(images)
      return {
        ...detector,
        async predict(some) {
          const found = await detector.predict(some)
          const { shape, data } = found[part]
          if (data.length < 2) return found // the folds of an ensemble, an image each
          return { ...found, [part]: tensor(shape, data.with(count, value)) }
        },
      }
    },
  })

  test.each(['scores', 'maps'] as const)('%s of a member of an ensemble, or of what is calibrated', async (part) => {
    const images = rows([[1], [2], [3]])
    const both = await ensemble([brightness(), foreign(part)], { folds: 3 }).fit([images])
    await expect(both.predict(images)).rejects.toThrow(/^ensemble.predict: .* must be finite, got .* for image 1$/)
    const alone = await foreign(part).fit([images])
    await expect(calibrateThreshold(alone, [images], { falsePositiveRate: 0.5 })).rejects.toThrow('for image 1')
  })
})

test('a detector that says too little is refused, as an image would go unjudged', async () => {
  const images = rows([[1], [2], [3]])
  const detector = await brightness().fit([images])
  const mute: Detector = {
    ...detector,
    async predict(some) {
      const { scores, maps } = await detector.predict(some)
      return { scores: tensor([2], scores.data.slice(0, 2)), maps }
    },
  }
  await expect(calibrateThreshold(mute, [images], { falsePositiveRate: 0.5 })).rejects.toThrow(
    'calibrateThreshold: not a prediction: calibrateThreshold: scores must be float32 [3], got [2]',
  )
})

test('members whose maps differ in size are refused', async () => {
  const [fine, coarse] = [['layer1'], ['layer2']].map((layers) =>
    patchCore({ extractor, backend, layers, mapSize: 'grid' }),
  )
  const detector = await ensemble([fine as DetectorRecipe, coarse as DetectorRecipe], { folds: 2 }).fit([normals])
  await expect(detector.predict(normals)).rejects.toThrow(
    'maps of the same size from all members, [4,8,8], got [4,4,4]',
  )
})

test.each(['patchCore', 'padim', 'textGuided'] as const)('%s: maps on the grid of no images', async (name) => {
  const options = { extractor, backend, mapSize: 'grid' } as const
  const recipe = { patchCore, padim, textGuided: () => textGuided({ ...options, alignment }) }[name](options)
  const detector = await recipe.fit([normals])
  const none = await detector.predict(tensor([0, 32, 32, 3], new Float32Array(0)))
  expect(none.maps.shape).toEqual([0, ...(await detector.predict(normals)).maps.shape.slice(1)])
})

describe('a detector file', () => {
  let detector: Detector
  let bytes: Uint8Array
  beforeAll(async () => {
    detector = await patchCore({ extractor, backend }).fit([normals])
    bytes = await saveDetector(detector, { calibration })
  })

  test('with null or an infinite number in its calibration or options is refused', async () => {
    const { entries, metadata } = readSafetensors(bytes)
    const text = metadata['tab.detector'] as string
    const tensors = new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
    const header = JSON.parse(text) as { calibration: Record<string, unknown>; options: Record<string, unknown> }
    for (const name of Object.keys(header.calibration).filter((key) => !['method', 'guaranteedRate'].includes(key))) {
      for (const value of ['null', '1e999', '"1"', '[]', 'true']) {
        const changed = text.replace(new RegExp(`"${name}":[^,}]+`), `"${name}":${value}`)
        expect(changed).not.toBe(text)
        const file = writeSafetensors(tensors, { ...metadata, 'tab.detector': changed })
        await expectRefused(() => loadDetector(file, { extractor, backend }), ['INVALID_DATA'])
        expect(() => JSON.parse(changed)).not.toThrow()
      }
    }
    const state = detector.state()
    for (const name of ['neighbors', 'projectionDimension', 'sigma', 'seed', 'seen', 'coresetRatio']) {
      for (const bad of NO_NUMBERS) {
        if (name === 'coresetRatio' && (bad === null || bad === undefined)) continue // where there is a size
        const options = { ...state.options, [name]: bad } as unknown as typeof state.options
        // Null and undefined stand for what is not set.
        if (bad === null || bad === undefined) continue
        await expectRefused(
          () => patchCore({ extractor, backend }).restore({ ...state, options }),
          ['INVALID_DATA', 'INVALID_ARGUMENT'],
        )
      }
    }
  })

  test('is not written with scores or thresholds that are not finite', async () => {
    for (const bad of NO_NUMBERS) {
      const numbers = { threshold: bad as number }
      const refused = ['INVALID_DATA', 'INVALID_ARGUMENT']
      await expectRefused(() => saveDetector(detector, { calibration: { ...calibration, ...numbers } }), refused)
      const scores = [0.1, bad] as unknown as Float64Array
      await expectRefused(() => saveDetector(detector, { calibration: { ...calibration, scores } }), refused)
    }
    const scores = Float64Array.of(0.1, NaN)
    await expectRefused(() => saveDetector(detector, { calibration: { ...calibration, scores } }), ['INVALID_DATA'])
  })

  test.each([
    ['patchCore', () => patchCore({ extractor, backend }), 'bank'],
    ['padim', () => padim({ extractor, backend }), 'mean'],
    ['textGuided', () => textGuided({ extractor, backend, alignment }), 'prototypes/normal'],
  ] as const)('%s with NaN in a tensor is refused', async (_, make, name) => {
    const state = (await make().fit([normals])).state()
    const kept = state.tensors[name] as typeof normals
    const tensors = { ...state.tensors, [name]: tensor(kept.shape, kept.data.with(1, NaN)) }
    await expectRefused(() => make().restore({ ...state, tensors }), ['INVALID_DATA'])
  })
})
