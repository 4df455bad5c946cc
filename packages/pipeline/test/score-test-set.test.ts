import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor, tensorOf, type Detector, type DetectorRecipe } from '@tab/core'
import type { Dataset, Sample } from '@tab/data'
import { openDataset, writeMask } from '@tab/data/node'
import type { Evaluation } from '../src/results/evaluation.ts'
import { evaluateRecipe, type EvaluationPlan } from '../src/node/evaluate/evaluate-recipe.ts'
import { notesOf } from '../src/results/evaluation-notes.ts'
import { pixelMetricsOf } from '../src/node/evaluate/pixel-metrics.ts'
import { usualBatchSize } from '../src/usual-batch-size.ts'
import { scoreTestSet } from '../src/node/evaluate/score-test-set.ts'
import { describeDataset } from '../../report/src/node/describe-dataset.ts'
import { miniature, type Miniature } from './miniature.ts'

let mini: Miniature
let dataset: Dataset
beforeAll(async () => {
  mini = await miniature()
  dataset = await openDataset(mini.data)
})
afterAll(() => rm(mini.folder, { recursive: true }))

const SIZE = [64, 64] as const
const CHANNELS = 3

/** Scores by a mean of the colours, red counting most: with few equal values, as of real maps. `spoil` may change the maps. */
function redness(spoil: (map: Float32Array) => void = () => undefined): Detector & { disposed: number } {
  return {
    disposed: 0,
    predict(images) {
      const [count, height, width] = images.shape as [number, number, number]
      const maps = Float32Array.from({ length: count * height * width }, (_, pixel) =>
        [0.6, 0.3, 0.1].reduce((sum, weight, c) => sum + weight * (images.data[CHANNELS * pixel + c] as number), 0),
      )
      spoil(maps)
      const area = height * width
      const scores = Float32Array.from({ length: count }, (_, image) =>
        Math.max(...maps.subarray(image * area, (image + 1) * area)),
      )
      return Promise.resolve({ scores: tensor([count], scores), maps: tensor([count, height, width], maps) })
    },
    state: () => ({ method: 'redness', version: 1, extractorId: 'none', options: {}, tensors: {} }),
    dispose() {
      this.disposed++
    },
  }
}

const recipeOf = (detector: Detector): DetectorRecipe => ({
  async fit(normals) {
    for await (const batch of normals) void batch
    return detector
  },
  restore: () => Promise.resolve(detector),
})

const evaluated = (plan: Partial<EvaluationPlan>): Promise<Evaluation> =>
  evaluateRecipe(
    {
      dataset,
      recipe: recipeOf(redness()),
      size: SIZE,
      batchSize: 3,
      skipUnreadable: false,
      description: { dataset: 'washers', backbone: 'none', detector: 'redness', options: {} },
      ...plan,
    },
    {},
  )

const testSamples = (): Sample[] => dataset.samples.filter(({ split }) => split === 'test')

/** A copy of the data set that a test may spoil. */
async function copy(name: string): Promise<string> {
  const data = join(mini.folder, name)
  await cp(mini.data, data, { recursive: true })
  return data
}

describe('bounded pixel metrics', () => {
  test('are within their bound of the exact ones, image metrics the same, and the maps that the gallery shows too', async () => {
    const [exact, bounded] = [
      await evaluated({ pixelMetrics: 'exact' }),
      await evaluated({ pixelMetrics: 'bounded', batchSize: 2 }),
    ]
    expect(exact.results.run.pixelMetrics).toEqual({ method: 'exact' })
    const { pixelMetrics } = bounded.results.run
    if (pixelMetrics.method !== 'bounded') throw new Error('not bounded')
    expect(pixelMetrics.bins).toBe(2 ** 24)
    expect(pixelMetrics.errorBound).toBeLessThan(0.05)
    for (const key of ['pixelAuroc', 'aupro'] as const) {
      const [value, found] = [exact.results.overall[key] as number, bounded.results.overall[key] as number]
      expect(value).toBeGreaterThan(0.05)
      expect(Math.abs(found - value)).toBeLessThanOrEqual(pixelMetrics.errorBound + 1e-9)
    }
    expect(bounded.results.overall.imageAuroc).toBe(exact.results.overall.imageAuroc)
    expect(notesOf(bounded.results)).toEqual([
      expect.stringMatching(/bounded: scores in 16777216 bins; .* at most 1e-\d/),
    ])
    expect(notesOf(exact.results)).toEqual([])
    for (const place of exact.scoring.samples.keys()) {
      const [kept, again] = [await exact.scoring.view(place), await bounded.scoring.view(place)]
      expect(Buffer.from(again.map.slice().buffer).equals(Buffer.from(kept.map.slice().buffer))).toBe(true)
      expect(Buffer.from(again.mask).equals(Buffer.from(kept.mask))).toBe(true)
    }
  })

  test('the gallery predicts again only what it shows, once, and nothing where maps were kept', async () => {
    for (const [pixelMetrics, again] of [
      ['bounded', 3],
      ['exact', 0],
    ] as const) {
      const detector = redness()
      let predicted = 0
      const counted: Detector = {
        ...detector,
        predict(images) {
          predicted++
          return detector.predict(images)
        },
      }
      const evaluation = await evaluated({ recipe: recipeOf(counted), pixelMetrics })
      const before = predicted
      const { cases } = await describeDataset('washers', [{ title: 'redness', evaluation }], { cases: 3 })
      expect([cases.length, predicted - before]).toEqual([3, again])
      expect(cases.every(({ defect, outline }) => (defect === 'good') === (outline === undefined))).toBe(true)
    }
  })

  test('exact up to 2^26 pixels, bounded beyond, or as asked; exact ones that no memory holds are refused in words', () => {
    expect(pixelMetricsOf(undefined, 64, [1024, 1024])).toBe('exact')
    expect(pixelMetricsOf(undefined, 65, [1024, 1024])).toBe('bounded')
    expect(pixelMetricsOf('exact', 65, [1024, 1024], 4e9)).toBe('exact')
    expect(pixelMetricsOf('bounded', 1, [32, 32])).toBe('bounded')
    expect(() => pixelMetricsOf('exact', 1030, [2048, 2048], 24e9)).toThrow(
      'spec.pixelMetrics exact: 1030 test images at 2048 x 2048 px take about 130 GB of memory; this machine gives 24 GB',
    )
    // More than one array may hold, whatever the memory.
    expect(() => pixelMetricsOf('exact', 1030, [2048, 2048], 1e15)).toThrow('spec.pixelMetrics exact')
  })

  test('steps take fewer images where they are large', () => {
    expect([32, 224, 448, 512, 1024, 4096].map((side) => usualBatchSize([side, side]))).toEqual([8, 8, 8, 6, 1, 1])
  })
})

describe('what cannot be judged', () => {
  test.each(['score', 'map'])('a %s that is not finite names the image', async (what) => {
    const samples = testSamples()
    const detector = redness()
    const spoilt: Detector = {
      ...detector,
      async predict(images) {
        const { scores, maps } = await detector.predict(images)
        const [spoiltScores, spoiltMaps] = [scores.data.slice(), maps.data.slice()]
        if (what === 'score') spoiltScores[1] = NaN
        else spoiltMaps[64 * 64 + 5] = Infinity
        return { scores: tensor(scores.shape, spoiltScores), maps: tensor(maps.shape, spoiltMaps) }
      },
    }
    await expect(scoreTestSet(spoilt, samples, { size: SIZE, batchSize: 2 }, 'bounded', {})).rejects.toMatchObject({
      code: 'NUMERICAL',
      message: expect.stringContaining(
        `${samples[1]?.path} must be finite, got ${what === 'score' ? 'NaN' : 'Infinity'}`,
      ),
    })
  })

  test('a defect mask of which nothing is left at this size is a warning', async () => {
    const data = await copy('vanished')
    const [type] = (await readdir(join(data, 'ground_truth'))).sort()
    const [file] = await readdir(join(data, 'ground_truth', type as string))
    const speck = new Uint8Array(64 * 64)
    speck[1] = 1 // between the pixels that are taken
    await writeMask(join(data, 'ground_truth', type as string, file as string), tensorOf('uint8', [64, 64], speck))
    const { results } = await evaluated({ dataset: await openDataset(data), size: [33, 33] })
    expect(results.run.warnings).toEqual([
      expect.stringMatching(new RegExp(`no pixel is left at 33 x 33 px of the defect masks of test/${type}/000.png`)),
    ])
    expect(notesOf(results)).toContain(`warning: ${results.run.warnings[0]}`)
  })

  test('warnings of the data set stand with the figures', async () => {
    const data = await copy('warned')
    const [type] = (await readdir(join(data, 'ground_truth'))).sort() as [string]
    await rm(join(data, 'ground_truth', type), { recursive: true })
    await writeFile(join(data, 'test/good/odd.heic'), 'a picture of a format that is not read')
    const { results } = await evaluated({ dataset: await openDataset(data) })
    expect(results.run.warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining('test/good/odd.heic: '),
        expect.stringContaining(`test/${type}: has no masks`),
      ]),
    )
    expect(notesOf(results)).toEqual(expect.arrayContaining(results.run.warnings.map((text) => `warning: ${text}`)))
  })

  test('a mask that may be inverted is a warning', async () => {
    const data = await copy('inverted')
    const [type] = (await readdir(join(data, 'ground_truth'))).sort() as [string]
    const [file] = await readdir(join(data, 'ground_truth', type))
    const mask = new Uint8Array(64 * 64).fill(1)
    mask.fill(0, 2000, 2010)
    await writeMask(join(data, 'ground_truth', type, file as string), tensorOf('uint8', [64, 64], mask))
    const { results } = await evaluated({ dataset: await openDataset(data) })
    expect(results.run.warnings).toEqual([expect.stringContaining(file as string)])
  })

  test('images to hold out are drawn among those that can be read', async () => {
    const data = await copy('held-out')
    await writeFile(join(data, 'train/good/003.png'), 'not an image')
    const spoilt = await openDataset(data)
    for (const seed of [0, 1, 2, 3]) {
      const { results } = await evaluated({
        dataset: spoilt,
        skipUnreadable: true,
        calibration: { rate: 0.4, seed },
      })
      expect(results.run).toMatchObject({ normals: 2, skipped: ['train/good/003.png'], threshold: { sampleSize: 2 } })
    }
  })

  test('the detector goes with a failure, and on dispose', async () => {
    const failing = redness((maps) => maps.fill(NaN))
    await expect(evaluated({ recipe: recipeOf(failing) })).rejects.toMatchObject({ code: 'NUMERICAL' })
    expect(failing.disposed).toBe(1)
    const whole = redness()
    const evaluation = await evaluated({ recipe: recipeOf(whole) })
    expect(whole.disposed).toBe(0)
    evaluation.dispose()
    expect(whole.disposed).toBe(1)
  })
})
