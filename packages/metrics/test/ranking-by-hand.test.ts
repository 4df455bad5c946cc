import { describe, expect, test } from '@jest/globals'
import {
  createBinnedAuroc,
  createBinnedAveragePrecision,
  createTprAtFpr,
  f1Max,
  precisionRecallCurve,
  rocCurve,
  tprAtFpr,
} from '@tab/metrics'
import { floatBelow } from '../src/ranking/float-below.ts'
import { highestScores, sortScores, sortScoresWith } from '../src/ranking/sort-scores.ts'
import { stepsOfSorted } from '../src/ranking/threshold-steps.ts'

const LARGEST_FLOAT = (2 - 2 ** -23) * 2 ** 127

describe('the number right below all scores', () => {
  test.each([
    [1, 1 - 2 ** -24],
    [-1, -1 - 2 ** -23],
    [0, -(2 ** -149)],
    [-0, -(2 ** -149)],
    [2 ** -149, 0],
    [-(2 ** -149), -(2 ** -148)],
    [1 + 2 ** -40, 1], // between two floats: the lower one
    [1 - 2 ** -40, 1 - 2 ** -24],
    [1e39, LARGEST_FLOAT], // beyond float32
    [-LARGEST_FLOAT, -(LARGEST_FLOAT + 2 ** 76)], // no float is lower: the double two steps below
    [-(2 ** 1000), -(2 ** 1000 + 2 ** 948)],
  ])('%d: %d', (score, below) => expect(floatBelow(score)).toBe(below))

  test('there is none below the lowest double', () => {
    expect(() => floatBelow(-Number.MAX_VALUE)).toThrow(
      expect.objectContaining({
        code: 'NUMERICAL',
        where: 'threshold',
        message: `threshold: a finite number below all scores, got ${-Number.MAX_VALUE}`,
      }),
    )
  })
})

describe('steps of sorted scores', () => {
  const walked = (normal: number[], anomalous: number[]) => {
    const { positives, negatives, highest, walk } = stepsOfSorted(
      Float64Array.from(normal),
      Float64Array.from(anomalous),
    )
    const visits: number[][] = []
    walk((...visit) => void visits.push(visit))
    return { positives, negatives, highest, visits }
  }
  const LOWEST = -4 - 2 ** -21 // the float below -4

  test('of one class alone, below 0 too', () => {
    expect(walked([], [-4, -2, -2])).toEqual({
      positives: 3,
      negatives: 0,
      highest: -2,
      visits: [
        [2, 0, -4],
        [3, 0, LOWEST],
      ],
    })
    expect(walked([-4, -2, -2], [])).toEqual({
      positives: 0,
      negatives: 3,
      highest: -2,
      visits: [
        [0, 2, -4],
        [0, 3, LOWEST],
      ],
    })
  })

  test('of both: ties are one step, and each threshold is the next lower score of either', () => {
    const visits = [
      [0, 1, 3],
      [1, 1, 1],
      [2, 3, -2],
      [3, 3, -4],
      [3, 4, LOWEST],
    ]
    expect(walked([-4, 1, 1, 5], [-2, 1, 3])).toEqual({ positives: 3, negatives: 4, highest: 5, visits })
    const swapped = visits.map(([p, n, threshold]) => [n, p, threshold])
    expect(walked([-2, 1, 3], [-4, 1, 1, 5])).toEqual({ positives: 4, negatives: 3, highest: 5, visits: swapped })
  })
})

describe('bounds of binned metrics', () => {
  const bins = { minimum: 0, maximum: 1, count: 2 }
  /** Counts of anomalous and normal samples in the upper bin, then in the lower one. */
  const of = (create: typeof createBinnedAuroc, ...counts: [number, number, number, number]) => {
    const stream = create(bins)
    const [upperBad, upperGood, lowerBad, lowerGood] = counts
    const some = (count: number, value: number): number[] => Array.from({ length: count }, () => value)
    stream.update(
      [...some(upperBad, 0.75), ...some(upperGood, 0.75), ...some(lowerBad, 0.25), ...some(lowerGood, 0.25)],
      [...some(upperBad, 1), ...some(upperGood, 0), ...some(lowerBad, 1), ...some(lowerGood, 0)],
    )
    return stream.compute()
  }

  test.each([
    // AUROC: pairs of one bin count half, and are off by half at most.
    [[2, 3, 4, 5], (2 * 5 + (2 * 3 + 4 * 5) / 2) / 48, (2 * 3 + 4 * 5) / 2 / 48],
    [[1, 0, 0, 7], 1, 0],
    [[0, 7, 1, 0], 0, 0],
    [[1, 1, 0, 1], 0.75, 0.25],
  ] as const)('AUROC of %j', (counts, value, errorBound) => {
    const found = of(createBinnedAuroc, ...(counts as [number, number, number, number]))
    expect(found.value).toBeCloseTo(value, 12)
    expect(found.errorBound).toBeCloseTo(errorBound, 12)
  })

  test.each([
    // The best order: 1; the worst that the integral tells: 2 - ln 3, of 2.
    [[2, 1, 0, 0], 2 / 3, 1 / 3],
    // Both bins mixed. Best: 1 and 2/3. Worst: 1 - ln 2 and 1 - 2 ln(4/3).
    [[1, 1, 1, 1], 1 / 2, (1 + 2 / 3) / 2 - 1 / 2],
    // Ten normal samples above: the best is 1/11, the worst 1 - 11 ln(12/11), which is further away.
    [[0, 10, 1, 1], 1 / 12, 1 / 12 - (1 - 11 * Math.log(12 / 11))],
    [[0, 10, 2, 1], 2 / 13, 2 / 13 - (2 - 11 * Math.log(13 / 11)) / 2],
    // All anomalous samples above all normal ones: exact.
    [[3, 0, 0, 5], 1, 0],
    [[3, 0, 2, 0], 1, 0],
  ] as const)('average precision of %j', (counts, value, errorBound) => {
    const negatives = counts[1] + counts[3]
    if (negatives === 0)
      return void expect(() =>
        of(createBinnedAveragePrecision, ...(counts as [number, number, number, number])),
      ).toThrow()
    const found = of(createBinnedAveragePrecision, ...(counts as [number, number, number, number]))
    expect(found.value).toBeCloseTo(value, 12)
    expect(found.errorBound).toBeCloseTo(errorBound, 12)
  })
})

describe('the true positive rate at a false positive rate', () => {
  test.each([
    // scores, labels, limit, what is reached
    [[0.9, 0.8, 0.7], [1, 0, 0], 0.5, { tpr: 1, fpr: 0, threshold: 0.8 }], // more false alarms are no better
    [[0.9, 0.8, 0.7], [0, 1, 0], 0.5, { tpr: 1, fpr: 0.5, threshold: 0.7 }], // the limit itself is allowed
    [[0.9, 0.8, 0.7], [0, 1, 0], 0.49, { tpr: 0, fpr: 0, threshold: 0.9 }],
    [[0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0], 0, { tpr: 0.5, fpr: 0, threshold: 0.8 }],
    [[0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0], 1, { tpr: 1, fpr: 0.5, threshold: 0.6 }],
  ])('%j %j at %d', (scores, labels, limit, expected) => {
    expect(tprAtFpr(scores, labels, limit)).toEqual(expected)
    const stream = createTprAtFpr(limit)
    stream.update(scores, labels)
    expect(stream.compute()).toEqual(expected)
  })

  test.each([-0.1, 1.1, NaN])('%d is no rate', (limit) => {
    expect(() => tprAtFpr([1, 2], [0, 1], limit)).toThrow('tprAtFpr: fpr')
    expect(() => createTprAtFpr(limit)).toThrow('createTprAtFpr: fpr')
  })
})

test('the best F1 is the first of equal ones, with what it achieves', () => {
  // F1 by step: 2/3, 1/2, 4/5, 2/3 ... of two anomalous samples: 2·1/(1+2), 2·1/(2+2), 2·2/(3+2), 2·2/(4+2)
  expect(f1Max([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0])).toEqual({ f1: 0.8, threshold: 0.6, precision: 2 / 3, recall: 1 })
  // 2·1/(1+3), 2·1/(2+3), 2·2/(3+3), 2·2/(4+3), 2·3/(5+3) and so on; the last is the highest
  expect(f1Max([5, 4, 3, 2, 1], [1, 0, 1, 0, 1])).toMatchObject({ f1: 0.75, precision: 0.6, recall: 1 })
  expect(f1Max([3, 2, 1, 0], [1, 0, 0, 1])).toMatchObject({ f1: 2 / 3, threshold: 2, precision: 1, recall: 0.5 })
})

test('curves by hand', () => {
  const [scores, labels] = [
    [0.875, 0.75, 0.75, 0.5],
    [1, 0, 1, 0],
  ]
  const below = 0.5 - 2 ** -25
  expect(rocCurve(scores, labels)).toEqual({
    falsePositiveRates: Float64Array.of(0, 0, 0.5, 1),
    truePositiveRates: Float64Array.of(0, 0.5, 1, 1),
    thresholds: Float64Array.of(0.875, 0.75, 0.5, below),
  })
  expect(precisionRecallCurve(scores, labels)).toEqual({
    precisions: Float64Array.of(1, 2 / 3, 0.5),
    recalls: Float64Array.of(0.5, 1, 1),
    thresholds: Float64Array.of(0.75, 0.5, below),
  })
})

describe('sorting', () => {
  const values = Array.from({ length: 3000 }, (_, index) =>
    Math.fround(Math.sin(index * 12.9898) * 10 ** ((index % 9) - 4)),
  )
  values[7] = -0
  const ascending = [...values].map((value) => value + 0).sort((left, right) => left - right)

  test('by bits, with and without a number carried along', () => {
    expect([...sortScores(Float32Array.from(values))]).toEqual(ascending)
    const { scores, payload } = sortScoresWith(Float32Array.from(values), Uint32Array.from(values.keys()))
    expect([...scores]).toEqual(ascending)
    expect([...payload].map((index) => (values[index] as number) + 0)).toEqual(ascending)
    const tied = sortScoresWith(Float32Array.of(2, 1, 2, 1), Uint32Array.of(10, 11, 12, 13))
    expect([...tied.payload]).toEqual([11, 13, 10, 12])
  })

  test.each([0, 1, 10, 1500, 2999, 3000])('the highest %d, and more only where others share leading bits', (count) => {
    const found = [...highestScores(Float32Array.from(values), count)]
    expect(found.length).toBeGreaterThanOrEqual(count)
    expect(found).toEqual(ascending.slice(values.length - found.length))
    if (count === 0) expect(found).toEqual([])
    if (count <= 10) expect(found.length).toBeLessThan(count + 300)
  })

  test('0 and -0 are equal among the highest', () => {
    expect([...highestScores(Float32Array.of(-1, -0, 0, -2), 1)]).toEqual([0, 0])
  })
})
