import { describe, expect, test } from '@jest/globals'
import {
  findSuspects,
  memoizedExtractor,
  patchCore,
  scoreUnseen,
  searchSuspects,
  type ImageSource,
} from '@tab/adapters'
import { createRng, referenceBackend, tensor, type DetectorRecipe, type Rng, type Tensor } from '@tab/core'
import { sliceBatch } from '@tab/core/testing'
import { syntheticParts } from '@tab/data'
import fc from 'fast-check'
import { robustScale } from '../src/suspects/robust-scale.ts'
import { studentTail } from '../src/suspects/student-tail.ts'
import { brightness, rows, SPAN } from './brightness-detector.ts'
import { tinyExtractor } from './tiny-extractor.ts'

/** Standard normal, by Box and Muller. */
const normal = (rng: Rng): number => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng())
/** Student's t: a normal over the root of a mean of squares. */
function student(rng: Rng, freedom: number): number {
  const squares = Array.from({ length: freedom }, () => normal(rng) ** 2)
  return normal(rng) / Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / freedom)
}
const indices = (found: readonly { index: number }[]): number[] => found.map(({ index }) => index)

describe('parts of the test', () => {
  test.each([
    // from tables of Student's t
    [2.228138852, 10, 0.025],
    [12.70620474, 1, 0.025],
    [1, 1, 0.25],
    [4.032142984, 5, 0.005],
    [3.09, 1e7, 0.0010008],
    [0, 3, 0.5],
  ])('t above %d with %d degrees of freedom has probability %d', (t, freedom, probability) => {
    expect(studentTail(t, freedom) / probability).toBeCloseTo(1, 4)
  })

  test('the robust scale is the quantile of all distances', () => {
    const values = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 10, maxLength: 40 })
    fc.assert(
      fc.property(values, (some) => {
        const sorted = Float64Array.from(some).sort()
        const distances = some.flatMap((one, i) => some.slice(0, i).map((other) => Math.abs(one - other)))
        distances.sort((left, right) => left - right)
        const half = Math.floor(some.length / 2) + 1
        const n = some.length
        const factor = 2.2219 * (n % 2 === 1 ? n / (n + 1.4) : n / (n + 3.8))
        expect(robustScale(sorted)).toBeCloseTo(factor * (distances[(half * (half - 1)) / 2 - 1] as number), 9)
      }),
    )
  })

  test('it is the standard deviation of normal values, whatever a third of them are', () => {
    const rng = createRng('scale')
    const values = Array.from({ length: 4000 }, () => 3 * normal(rng))
    expect(robustScale(Float64Array.from(values).sort())).toBeCloseTo(3, 0)
    const spoilt = values.map((value, index) => (index % 3 === 0 ? value + 1000 : value))
    expect(robustScale(Float64Array.from(spoilt).sort())).toBeLessThan(12)
  })
})

describe('findSuspects', () => {
  test.each([5, 8, 12, 24, 50, 200])(
    'of %d good images alone any is listed at the stated rate at most, normal logarithms or heavier ones',
    (count) => {
      const trials = count > 100 ? 400 : 600
      for (const [name, draw] of [
        ['normal', normal],
        ['student', (rng: Rng) => student(rng, 20)],
      ] as const) {
        const rng = createRng(`${name} ${count}`)
        let listed = 0
        for (let trial = 0; trial < trials; trial++) {
          const scores = Array.from({ length: count }, () => 2 * Math.exp(0.1 * draw(rng)))
          if (findSuspects(scores).length > 0) listed++
        }
        const allowed = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials)
        expect(listed / trials).toBeLessThan(allowed)
        if (name === 'student') expect(listed).toBeGreaterThan(0) // it is a test at all; normal logarithms are listed more rarely
      }
    },
  )

  test.each([
    [24, 1],
    [24, 2],
    [50, 1],
    [50, 5],
    [100, 1],
    [100, 2],
    [100, 10],
  ])('of %d images %d that score eight deviations higher are found, in most sets all of them', (count, bad) => {
    const rng = createRng(`power ${count} ${bad}`)
    const trials = 100
    let complete = 0
    for (let trial = 0; trial < trials; trial++) {
      const scores = Array.from({ length: count }, (_, index) => Math.exp(0.1 * (normal(rng) + (index < bad ? 8 : 0))))
      const found = new Set(indices(findSuspects(scores)))
      if (Array.from({ length: bad }, (_, index) => index).every((index) => found.has(index))) complete++
    }
    expect(complete).toBeGreaterThan(0.9 * trials)
  })

  test('the highest first, with p-values below the rate; a scale of the scores changes nothing', () => {
    const rng = createRng('order')
    const scores = [...Array.from({ length: 20 }, () => Math.exp(0.05 * normal(rng))), 2, 3]
    const found = findSuspects(scores)
    expect(indices(found).slice(0, 2)).toEqual([21, 20])
    expect(found.map(({ score }) => score).slice(0, 2)).toEqual([3, 2])
    for (const { pValue } of found) expect(pValue).toBeLessThanOrEqual(0.05)
    expect(indices(findSuspects(scores.map((score) => 100 * score)))).toEqual(indices(found))
    expect(findSuspects(scores, { errorRate: 1e-12 })).toEqual([])
  })

  test('copies, which score 0, and equal scores neither are suspects nor hide one; scores may be negative', () => {
    const equal = Array.from({ length: 20 }, () => 2)
    expect(findSuspects(equal)).toEqual([])
    expect(indices(findSuspects([...equal, 3]))).toEqual([20])
    const rng = createRng('copies')
    const spread = Array.from({ length: 20 }, () => 2 + 0.1 * normal(rng))
    expect(indices(findSuspects([0, 0, ...spread, 6]))).toEqual([22])
    expect(indices(findSuspects([...spread.map((score) => score - 2), 4]))).toEqual([20])
  })

  test('a low score is none', () => {
    const rng = createRng('low')
    expect(findSuspects([0.01, ...Array.from({ length: 30 }, () => 2 + 0.1 * normal(rng))])).toEqual([])
  })

  test('refuses what it cannot judge', () => {
    expect(() => findSuspects([1, 2, 3, 4])).toThrow('findSuspects: at least 5 scores, got 4')
    expect(() => findSuspects([1, 2, 3, 4, NaN])).toThrow('each score must be a finite number, got NaN')
    expect(() => findSuspects([1, 2, 3, 4, null as unknown as number])).toThrow('each score must be a finite number')
    expect(() => findSuspects([1, 2, 3, 4, 5], { errorRate: 1 })).toThrow('errorRate must be')
  })
})

/** Images of one pixel; `taken` records which were fitted on, `scored` which were then scored. */
function pixels(values: readonly number[]) {
  const recorded: { taken: number[]; scored: number[] }[] = []
  const source: ImageSource = {
    count: values.length,
    *batches(numbers) {
      for (let start = 0; start < numbers.length; start += 3) {
        yield rows(numbers.slice(start, start + 3).map((index) => [values[index] as number]))
      }
    },
  }
  const valuesOf = ({ data }: Tensor): number[] =>
    Array.from(data)
      .filter((_, index) => index % 3 === 0)
      .map((red) => (red - 0.5) * SPAN)
  /** A score is the distance to the nearest value that was fitted on. */
  const recipe: DetectorRecipe = {
    async fit(normals) {
      const run = { taken: [] as number[], scored: [] as number[] }
      recorded.push(run)
      for await (const batch of normals) run.taken.push(...valuesOf(batch))
      return {
        async predict(images) {
          const own = valuesOf(images)
          run.scored.push(...own)
          const scores = own.map((value) => Math.min(...run.taken.map((other) => Math.abs(other - value))))
          return {
            scores: tensor([own.length], Float32Array.from(scores)),
            maps: tensor([own.length, 1, 1], Float32Array.from(scores)),
          }
        },
        state: () => ({ method: 'nearest', version: 1, extractorId: 'none', options: {}, tensors: {} }),
        dispose: () => undefined,
      }
    },
    restore: () => Promise.reject(new Error('not asked for')),
  }
  return { recorded, source, recipe }
}

describe('scoreUnseen', () => {
  test.each([
    [4, 12, 2],
    [7, 12, 3],
    [64, 12, 32],
    [101, 6, 50],
    [300, 4, 64],
  ])('%d images take %d fits on %d; every one is scored, by fits that have not seen it', async (count, fits, each) => {
    const values = Array.from({ length: count }, (_, index) => index / 512) // exact in float32
    const { recorded, source, recipe } = pixels(values)
    const scores = await scoreUnseen(recipe, source)
    expect(recorded.map(({ taken }) => taken.length)).toEqual(Array.from({ length: fits }, () => each))
    for (const { taken, scored } of recorded) {
      expect([...taken, ...scored].sort((left, right) => left - right)).toEqual(values)
    }
    const nearest = (index: number): number[] =>
      recorded
        .filter(({ taken }) => !taken.includes(values[index] as number))
        .map(({ taken }) => Math.min(...taken.map((other) => Math.abs(other - (values[index] as number)))))
    expect([...scores]).toEqual(values.map((_, index) => Math.max(...nearest(index))))
  })

  test('two of one defect do not hide each other; leaving one out at a time they would', async () => {
    const rng = createRng('pair')
    const values = [...Array.from({ length: 22 }, () => rng()), 10, 10]
    const { source, recipe } = pixels(values)
    expect(
      indices(findSuspects(await scoreUnseen(recipe, source)))
        .slice(0, 2)
        .sort(),
    ).toEqual([22, 23])
    const [alone] = (
      await (await recipe.fit(source.batches(values.map((_, i) => i).slice(0, 23)))).predict(rows([[10]]))
    ).scores.data
    expect(alone).toBe(0)
  })

  test('a seed draws the same, another others; refuses and stops', async () => {
    const values = Array.from({ length: 20 }, (_, index) => Math.sin(index))
    const run = async (seed: number) => [...(await scoreUnseen(pixels(values).recipe, pixels(values).source, { seed }))]
    expect(await run(1)).toEqual(await run(1))
    expect(await run(1)).not.toEqual(await run(2))
    await expect(scoreUnseen(brightness(), pixels([1, 2, 3]).source)).rejects.toThrow('at least 4 good images, got 3')
    const short: ImageSource = { count: 9, batches: (numbers) => pixels(values).source.batches(numbers.slice(1)) }
    await expect(scoreUnseen(brightness(), short)).rejects.toThrow('images from the source, got')
    const stopped = scoreUnseen(brightness(), pixels(values).source, { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe('searchSuspects', () => {
  test('on parts with a stain, what is stained is found; rounds end', async () => {
    const parts = syntheticParts({ part: 'washer', size: [32, 32], seed: 3 })
    const images = Array.from({ length: 22 }, (_, index) => parts.normal(index).image)
    for (const [place, image] of [images[4], images[17]].entries()) stain(image as Tensor, 8 + 3 * place)
    const source: ImageSource = {
      count: 22,
      *batches(numbers) {
        for (const index of numbers) yield tensor([1, 32, 32, 3], (images[index] as Tensor).data)
      },
    }
    const extractor = memoizedExtractor(tinyExtractor())
    const found = await searchSuspects(patchCore({ extractor, backend: referenceBackend(), coresetRatio: 0.5 }), source)
    expect(
      indices(found)
        .slice(0, 2)
        .sort((left, right) => left - right),
    ).toEqual([4, 17])
    expect(found.map(({ score }) => score)).toEqual([...found.map(({ score }) => score)].sort((l, r) => r - l))
  })
})

/** A saturated square of 6 px. */
function stain({ data }: Tensor, at: number): void {
  for (let y = at; y < at + 6; y++) for (let x = at; x < at + 6; x++) data.set([0, 1, 0], (y * 32 + x) * 3)
}

describe('memoizedExtractor', () => {
  const rng = createRng('images')
  const images = tensor(
    [5, 32, 32, 3],
    Float32Array.from({ length: 5 * 32 * 32 * 3 }, () => rng()),
  )
  const layers = ['layer2', 'layer3']

  function counting() {
    const inner = tinyExtractor()
    const seen: number[] = []
    const extractor = {
      ...inner,
      async extract(some: Tensor, wanted: readonly string[]) {
        seen.push(some.shape[0] as number)
        return inner.extract(some, wanted)
      },
    }
    return { extractor, seen }
  }

  test('gives what the extractor gives, and extracts an image once', async () => {
    const { extractor, seen } = counting()
    const memoized = memoizedExtractor(extractor)
    const wanted = await tinyExtractor().extract(images, layers)
    await memoized.extract(sliceBatch(images, 1, 3), layers)
    expect(await memoized.extract(images, layers)).toEqual(wanted)
    expect(await memoized.extract(images, layers)).toEqual(wanted)
    expect(seen).toEqual([2, 3])
    await memoized.extract(images, ['layer1']) // other layers are other features
    expect(seen).toEqual([2, 3, 5])
  })

  test('keeps no more than it may', async () => {
    const { extractor, seen } = counting()
    const perImage = 4 * (4 * 4 * 12 + 2 * 2 * 16)
    const memoized = memoizedExtractor(extractor, { maxBytes: 3 * perImage })
    const wanted = await tinyExtractor().extract(images, layers)
    for (let run = 0; run < 3; run++) expect(await memoized.extract(images, layers)).toEqual(wanted)
    expect(seen).toEqual([5, 2, 2])
    expect(() => memoizedExtractor(extractor, { maxBytes: -1 })).toThrow('maxBytes must be')
  })
})
