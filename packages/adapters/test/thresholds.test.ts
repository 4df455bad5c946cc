import { describe, expect, test } from '@jest/globals'
import {
  calibrateThreshold,
  crossCalibrate,
  imagesNeeded,
  normalizedScore,
  pValue,
  verdict,
  type Calibration,
} from '@tab/adapters'
import { createRng, tensor, type Detector, type Progress } from '@tab/core'
import fc from 'fast-check'
import { brightness, rows } from './brightness-detector.ts'
import { drawFolds } from '../src/thresholds/cross-fit.ts'

/** Scores pixels by their red value itself. */
const plain = (): Promise<Detector> => brightness().fit([rows([[0]])])
const calibrated = async (scores: readonly number[], falsePositiveRate: number): Promise<Calibration> =>
  calibrateThreshold(await plain(), [rows(scores.map((score) => [score]))], { falsePositiveRate })
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('calibrateThreshold', () => {
  test.each([
    // n, rate, rank = ceil((n + 1)(1 - rate)), guaranteed rate
    [19, 0.05, 19, 0.05],
    [20, 0.05, 20, 1 / 21],
    [39, 0.05, 38, 0.05],
    [99, 0.01, 99, 0.01],
    [99, 0.29, 71, 0.29], // 100 * 0.29 is a little less than 29 in floating point
    [4, 0.5, 3, 0.4],
  ])('of %d scores at rate %d the threshold is number %d', async (count, rate, rank, guaranteed) => {
    const result = await calibrated(upTo(count).reverse(), rate)
    expect(result.threshold).toBe(rank)
    expect(result.guaranteedRate).toBeCloseTo(guaranteed, 12)
    expect([...result.scores]).toEqual(upTo(count))
  })

  test('the rank is the exact ceiling for every rate in thousandths', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 999 }),
        async (count, thousandths) => {
          fc.pre((count + 1) * thousandths >= 1000)
          const exact = Number((BigInt(count + 1) * BigInt(1000 - thousandths) + 999n) / 1000n)
          expect((await calibrated(upTo(count), thousandths / 1000)).threshold).toBe(exact)
        },
      ),
    )
  })

  test('a rate that the images cannot support is refused with the number that it takes', async () => {
    const refused = (count: number, rate: number) => expect(calibrated(upTo(count), rate)).rejects
    await refused(98, 0.01).toThrow(
      'calibrateThreshold: at least 99 good images for falsePositiveRate 0.01, got 98, which support rates from 0.0101',
    )
    await refused(18, 0.05).toThrow('at least 19 good images')
    await refused(20, 0).toThrow('falsePositiveRate must be a finite number > 0 and < 1, got 0')
    const noImages = calibrateThreshold(await plain(), [], { falsePositiveRate: 0.5 })
    await expect(noImages).rejects.toThrow(
      'at least 1 good images for falsePositiveRate 0.5, got 0, which support none',
    )
    const pixels = { falsePositiveRate: 0.5, pixelFalsePositiveRate: 0.1 }
    await expect(calibrateThreshold(await plain(), [rows([[1], [2]])], pixels)).rejects.toThrow(
      'at least 9 good images for pixelFalsePositiveRate 0.1',
    )
  })

  test('the number of images that a rate takes, and rates that are none', () => {
    expect([0.5, 0.29, 0.1, 0.05, 0.01].map(imagesNeeded)).toEqual([1, 3, 9, 19, 99])
    for (const rate of [0, 1, -0.1, NaN]) {
      expect(() => imagesNeeded(rate)).toThrow(
        `imagesNeeded: falsePositiveRate must be a finite number > 0 and < 1, got ${rate}`,
      )
    }
  })

  test('an image is anomalous exactly when its p-value is at most the rate', async () => {
    const someScores = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 4, maxLength: 60 }) // with many ties
    await fc.assert(
      fc.asyncProperty(someScores, fc.integer({ min: 200, max: 999 }), async (scores, thousandths) => {
        const result = await calibrated(scores, thousandths / 1000)
        const tried = Array.from({ length: 29 }, (_, index) => index / 2 - 1)
        const all = scores.length + 1
        const exact = tried.map((score) => 1 + scores.filter((other) => other >= score).length) // of n + 1
        expect(tried.map((score) => pValue(result, score))).toEqual(exact.map((share) => share / all))
        expect(tried.map((score) => verdict(result, score).anomalous)).toEqual(
          exact.map((share) => share * 1000 <= thousandths * all),
        )
      }),
    )
  })

  test('p-values and normalised scores by hand', async () => {
    const result = await calibrated([1, 2, 2, 3, 5, 6, 7, 8, 10], 0.1)
    expect([0, 2, 2.5, 10, 11].map((score) => pValue(result, score))).toEqual([1, 0.9, 0.7, 0.2, 0.1])
    // median 5, threshold 10
    expect(normalizedScore(result, 5)).toBeCloseTo(0.1, 12)
    expect(normalizedScore(result, 7.5)).toBeCloseTo(0.25, 12)
    expect(normalizedScore(result, 10)).toBe(0.5)
    expect(normalizedScore(result, 15)).toBeCloseTo(0.9, 12)
    const step = await calibrated([2, 2, 2], 0.25)
    expect([1, 2, 3].map((score) => normalizedScore(step, score))).toEqual([0, 0.5, 1])
  })

  test('of exchangeable scores as many are called anomalous as promised, pixels that go together included', async () => {
    const rng = createRng('false alarms')
    const detector = await plain()
    const [count, rate, trials] = [39, 0.05, 2000]
    let [alarms, pixels, pixelsSquared] = [0, 0, 0]
    for (let trial = 0; trial < trials; trial++) {
      // Within an image all pixels share most of their noise.
      const images = Array.from({ length: count + 1 }, () => {
        const shared = rng()
        return Array.from({ length: 6 }, () => shared + 0.3 * rng())
      })
      const [fresh] = images.splice(0, 1) as [number[]]
      const result = await calibrateThreshold(detector, [rows(images)], { falsePositiveRate: rate })
      const { scores, maps } = await detector.predict(rows([fresh]))
      if ((scores.data[0] as number) > result.threshold) alarms++
      const share = maps.data.filter((value) => value > result.pixelThreshold).length / fresh.length
      pixels += share
      pixelsSquared += share * share
    }
    const deviation = Math.sqrt(rate * (1 - rate) * trials)
    expect(Math.abs(alarms - rate * trials)).toBeLessThan(4 * deviation) // 40 * 0.05 is whole: the rate is exact
    const mean = pixels / trials
    const error = Math.sqrt((pixelsSquared / trials - mean * mean) / trials)
    expect(mean).toBeLessThan(rate + 4 * error)
    expect(mean).toBeGreaterThan((rate * (count + 1) - 1) / (count + 1) - 4 * error) // it loses 1 / (n + 1) at most
  })

  test('the pixel threshold is the lowest value that conformal risk control allows', async () => {
    const images = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }), {
      minLength: 3,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(images, fc.integer({ min: 1, max: 3 }), async (pixels, quarters) => {
        const pixelFalsePositiveRate = quarters / 4
        const rates = { falsePositiveRate: 0.25, pixelFalsePositiveRate }
        const { pixelThreshold } = await calibrateThreshold(await plain(), [rows(pixels)], rates)
        const n = pixels.length
        const allowed = [...new Set(pixels.flat())].filter((value) => {
          const losses = pixels.map((image) => image.filter((pixel) => pixel > value).length / 4)
          const risk = losses.reduce((sum, loss) => sum + loss, 0) / n
          return (n / (n + 1)) * risk + 1 / (n + 1) <= pixelFalsePositiveRate + 1e-12
        })
        expect(pixelThreshold).toBe(Math.min(...allowed))
      }),
    )
  })

  test.each([NaN, Infinity, -Infinity])('a score or a map value of %d is refused, with its image', async (odd) => {
    const detector = await plain()
    for (const [part, name] of [
      ['scores', 'scores'],
      ['maps', 'anomaly maps'],
    ] as const) {
      const broken: Detector = {
        ...detector,
        async predict(images) {
          const prediction = await detector.predict(images)
          prediction[part].data[1] = odd
          return prediction
        },
      }
      await expect(calibrateThreshold(broken, [rows([[1], [2]])], { falsePositiveRate: 0.5 })).rejects.toMatchObject({
        code: 'NUMERICAL',
        message: `calibrateThreshold: ${name} must be finite, got ${odd} for image 1`,
      })
    }
  })

  test('maps of different sizes are refused, as their pixels do not count alike', async () => {
    const detector = await plain()
    let width = 3
    const shrinking: Detector = {
      ...detector,
      async predict(images) {
        const { scores } = await detector.predict(images)
        const [count] = images.shape as [number]
        width--
        return { scores, maps: tensor([count, 1, width], new Float32Array(count * width)) }
      },
    }
    const result = calibrateThreshold(shrinking, [rows([[1]]), rows([[2], [3]])], { falsePositiveRate: 0.5 })
    await expect(result).rejects.toThrow('anomaly maps of the same size, 2 values, got 1 for image 1')
  })

  test('reports each batch, and stops between two', async () => {
    const stop = new AbortController()
    const seen: Progress[] = []
    const options = {
      falsePositiveRate: 0.5,
      signal: stop.signal,
      onProgress(step: Progress) {
        seen.push(step)
        if (step.done === 3) stop.abort()
      },
    }
    const batches = [rows([[1]]), rows([[2], [3]]), rows([[4]])]
    await expect(calibrateThreshold(await plain(), batches, options)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(seen).toEqual([
      { phase: 'calibrate', done: 1 },
      { phase: 'calibrate', done: 3 },
    ])
  })
})

describe('crossCalibrate', () => {
  const values = [3, 1, 4, 1.5, 9, 2.5, 6]
  const images = rows(values.map((value) => [value]))

  test('leaving one out at a time, each score is the distance to the mean of the others', async () => {
    const recipe = brightness()
    const { calibration, detector } = await crossCalibrate(recipe, [images], { folds: 7, falsePositiveRate: 0.25 })
    const expected = values.map((value, left) => {
      const others = values.filter((_, index) => index !== left)
      return value - others.reduce((sum, other) => sum + other, 0) / others.length
    })
    expected.sort((left, right) => left - right)
    calibration.scores.forEach((score, index) => expect(score).toBeCloseTo(expected[index] as number, 5))
    expect(calibration.threshold).toBe(calibration.scores[5]) // ceil(8 * 0.75) = 6
    expect(calibration).toMatchObject({ method: 'cross-fitted', guaranteedRate: null })
    expect(recipe.fits).toEqual([6, 6, 6, 6, 6, 6, 6, 7])
    const [score] = (await detector.predict(rows([[5]]))).scores.data
    expect(score).toBeCloseTo(5 - values.reduce((sum, value) => sum + value, 0) / 7, 5)
  })

  test('folds are of equal size, give or take one, and each is ascending', () => {
    const folds = drawFolds(11, 4, 3)
    expect(folds.map(({ length }) => length)).toEqual([3, 3, 3, 2])
    expect(folds.flat().sort((left, right) => left - right)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for (const fold of folds)
      expect(fold.every((image, place) => place === 0 || (fold[place - 1] as number) < image)).toBe(true)
  })

  test('folds cover every image once; the same seed draws the same, another seed others', async () => {
    const run = async (seed: number) => {
      const recipe = brightness()
      const source = async function* () {
        yield rows(values.slice(0, 3).map((value) => [value]))
        yield rows(values.slice(3).map((value) => [value]))
      }
      const { calibration } = await crossCalibrate(recipe, source(), { folds: 3, seed, falsePositiveRate: 0.25 })
      expect(recipe.fits).toEqual([4, 5, 5, 7])
      return [...calibration.scores]
    }
    expect(await run(1)).toEqual(await run(1))
    expect(await run(1)).not.toEqual(await run(2))
  })

  test.each([
    [2, 2],
    [4, 4],
    [7, 5],
  ])('of %d images, %d folds are drawn unless others are asked for', async (count, folds) => {
    const recipe = brightness()
    const seen: Progress[] = []
    const some = rows(values.slice(0, count).map((value) => [value]))
    await crossCalibrate(recipe, [some], { falsePositiveRate: 0.5, onProgress: (step) => void seen.push(step) })
    expect(recipe.fits).toHaveLength(folds + 1)
    expect(seen.filter(({ phase }) => phase === 'cross-fit')).toEqual(
      Array.from({ length: folds + 1 }, (_, done) => ({ phase: 'cross-fit', done, total: folds })),
    )
  })

  test('lets go of the detectors of its folds, and not of the one that it returns', async () => {
    const recipe = brightness()
    const disposed: number[] = []
    const counting: typeof recipe = {
      ...recipe,
      async fit(normals, options) {
        const detector = await recipe.fit(normals, options)
        const number = recipe.fits.length
        return { ...detector, dispose: () => void disposed.push(number) }
      },
    }
    await crossCalibrate(counting, [images], { folds: 3, falsePositiveRate: 0.25 })
    expect(disposed).toEqual([1, 2, 3])
  })

  test('refuses before it fits, reports and stops', async () => {
    const recipe = brightness()
    for (const seed of [-1, 0.5]) {
      const odd = crossCalibrate(recipe, [images], { seed, falsePositiveRate: 0.25 })
      await expect(odd).rejects.toThrow(`seed must be a whole number >= 0, got ${seed}`)
    }
    const few = crossCalibrate(recipe, [images], { falsePositiveRate: 0.1 })
    await expect(few).rejects.toThrow('at least 9 good images for falsePositiveRate 0.1, got 7')
    const tooManyFolds = crossCalibrate(recipe, [images], { folds: 8, falsePositiveRate: 0.2 })
    await expect(tooManyFolds).rejects.toThrow('folds must be a whole number >= 2 and <= 7, got 8')
    const one = crossCalibrate(recipe, [rows([[1]])], { folds: 2, falsePositiveRate: 0.5 })
    await expect(one).rejects.toThrow(
      'at least two good images, as each is scored by a detector fitted on the others, got 1',
    )
    expect(recipe.fits).toEqual([])
    const seen: Progress[] = []
    const stop = new AbortController()
    const stopped = crossCalibrate(recipe, [images], {
      folds: 7,
      falsePositiveRate: 0.2,
      signal: stop.signal,
      onProgress(step) {
        seen.push(step)
        if (step.phase === 'cross-fit' && step.done === 2) stop.abort()
      },
    })
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' })
    expect(recipe.fits.length).toBeLessThan(4)
    expect(seen.at(-1)).toEqual({ phase: 'cross-fit', done: 2, total: 7 })
  })
})
