import { describe, expect, test } from '@jest/globals'
import { calibrateThreshold, crossCalibrate, verdict } from '@tab/adapters'
import { tensor, tensorOf, type Tensor } from '@tab/core'
import {
  balancedAccuracy,
  confusion,
  createConfusion,
  createF1Max,
  createRocCurve,
  createTprAtFpr,
  evaluateDetection,
  f1Max,
  precisionRecallCurve,
  proCurve,
  rocCurve,
  segmentationF1,
  segmentationIou,
  tprAtFpr,
  type Scores,
} from '@tab/metrics'
import fc from 'fast-check'
import { brightness, rows } from '../packages/adapters/test/brightness-detector.ts'

/**
 * One convention in every package: a score above a threshold is anomalous, one that equals it is good. So a threshold that any function
 * gives, handed to any decision, gives the counts that the function promised.
 */
interface Case {
  /** As they came: a plain array, float64 or float32. */
  readonly scores: Scores
  readonly labels: readonly number[]
}

const ties = fc.integer({ min: -3, max: 3 })
const neighbours = fc.integer({ min: 0, max: 6 }).map((step) => 1 + step * 2 ** -23) // next float32 to each other
const finer = fc.integer({ min: 0, max: 6 }).map((step) => 1 + step * Number.EPSILON) // alike in float32
const anything = fc.double({ noNaN: true, min: -1e308, max: 1e308 }) // below the lowest double there is no threshold
const singles = fc.float({ noNaN: true, noDefaultInfinity: true })

const labelled = <T>(score: fc.Arbitrary<T>): fc.Arbitrary<readonly (readonly [T, number])[]> =>
  fc
    .array(fc.tuple(score, fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 24 })
    .filter((pairs) => new Set(pairs.map(([, label]) => label)).size === 2)

const cases: fc.Arbitrary<Case> = fc.oneof(
  ...[ties, neighbours, finer, anything].flatMap((score) =>
    [(plain: number[]): Scores => plain, (plain: number[]): Scores => Float64Array.from(plain)].map((shape) =>
      labelled(score).map((pairs) => ({
        scores: shape(pairs.map(([value]) => value)),
        labels: pairs.map(([, label]) => label),
      })),
    ),
  ),
  ...[ties, neighbours, singles].map((score) =>
    labelled(score).map((pairs) => ({
      scores: Float32Array.from(pairs, ([value]) => value),
      labels: pairs.map(([, label]) => label),
    })),
  ),
)

/** Shares of each class that lie above a threshold, by the plain comparison that `verdict` and a program of one's own make. */
function above({ scores, labels }: Case, threshold: number): { tpr: number; fpr: number; precision: number } {
  const called = (wanted: number): number =>
    labels.filter((label, at) => label === wanted && (scores[at] as number) > threshold).length
  const all = (wanted: number): number => labels.filter((label) => label === wanted).length
  const [hits, alarms] = [called(1), called(0)]
  return { tpr: hits / all(1), fpr: alarms / all(0), precision: hits / (hits + alarms) }
}

/** The same by each decision of the metrics, which must agree. */
function decided(set: Case, threshold: number): { tpr: number; fpr: number } {
  const { truePositives: hits, falsePositives: alarms, ...rest } = confusion(set.scores, set.labels, threshold)
  const [tpr, fpr] = [hits / (hits + rest.falseNegatives), alarms / (alarms + rest.trueNegatives)]
  expect({ tpr, fpr }).toEqual({ tpr: above(set, threshold).tpr, fpr: above(set, threshold).fpr })
  const stream = createConfusion(threshold)
  stream.update(set.scores, set.labels)
  expect(stream.compute()).toEqual({ truePositives: hits, falsePositives: alarms, ...rest })
  expect(balancedAccuracy(set.scores, set.labels, threshold)).toBeCloseTo((tpr + 1 - fpr) / 2, 12)
  return { tpr, fpr }
}

/** A calibration whose threshold is one of another function, for its verdicts. */
const withThreshold = (threshold: number): Parameters<typeof verdict>[0] => ({
  method: 'held-out',
  falsePositiveRate: 0.5,
  guaranteedRate: 0.5,
  threshold,
  pixelFalsePositiveRate: 0.5,
  pixelThreshold: threshold,
  scores: Float64Array.of(0),
})

describe('a threshold gives the counts that its function promised', () => {
  test('f1Max, in a table and as a stream too', () => {
    fc.assert(
      fc.property(cases, (set) => {
        const { threshold, f1, precision, recall } = f1Max(set.scores, set.labels)
        const { tpr, precision: reached } = above(set, threshold)
        expect([tpr, reached]).toEqual([recall, precision])
        expect((2 * precision * recall) / (precision + recall)).toBeCloseTo(f1, 12)
        expect(decided(set, threshold).tpr).toBe(recall)
        const caught = set.labels.filter(
          (label, at) => label === 1 && verdict(withThreshold(threshold), set.scores[at] as number).anomalous,
        )
        expect(caught.length / set.labels.filter((label) => label === 1).length).toBe(recall)
        const stream = createF1Max()
        stream.update(set.scores, set.labels)
        expect(stream.compute().threshold).toBe(threshold)
        expect(evaluateDetection(set).overall.image.f1Max?.threshold).toBe(threshold)
        expect(JSON.parse(JSON.stringify(threshold))).toBe(threshold + 0)
      }),
    )
  })

  test('tprAtFpr', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 0.2, 0.5, 1), (set, limit) => {
        const { threshold, tpr, fpr } = tprAtFpr(set.scores, set.labels, limit)
        expect(decided(set, threshold)).toEqual({ tpr, fpr })
        const stream = createTprAtFpr(limit)
        stream.update(set.scores, set.labels)
        expect(stream.compute()).toEqual({ threshold, tpr, fpr })
      }),
    )
  })

  test('every point of the ROC and the precision-recall curve', () => {
    fc.assert(
      fc.property(cases, (set) => {
        const roc = rocCurve(set.scores, set.labels)
        roc.thresholds.forEach((threshold, point) => {
          expect(decided(set, threshold)).toEqual({
            tpr: roc.truePositiveRates[point],
            fpr: roc.falsePositiveRates[point],
          })
        })
        const stream = createRocCurve()
        stream.update(set.scores, set.labels)
        expect(stream.compute()).toEqual(roc)
        const curve = precisionRecallCurve(set.scores, set.labels)
        curve.thresholds.forEach((threshold, point) => {
          expect(above(set, threshold)).toMatchObject({
            tpr: curve.recalls[point],
            precision: curve.precisions[point],
          })
        })
      }),
    )
  })

  test('the highest value still called good is one of the scores, or lies below all of them', () => {
    fc.assert(
      fc.property(cases, (set) => {
        const scores = Array.from(set.scores, (score) => score + 0)
        const { thresholds } = rocCurve(set.scores, set.labels)
        expect([...thresholds.slice(0, -1)]).toEqual([...new Set(scores)].sort((left, right) => right - left))
        const last = thresholds.at(-1) as number
        expect(last).toBeLessThan(Math.min(...scores))
        expect(Number.isFinite(last)).toBe(true)
        if (Math.abs(last) < 3e38) expect(Math.fround(last)).toBe(last)
      }),
    )
  })

  test('every point of the PRO curve, and segmentations at it', () => {
    const maps = fc.array(fc.oneof(ties, neighbours), { minLength: 12, maxLength: 12 })
    const masks = fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: 12, maxLength: 12 })
      .filter((mask) => mask.includes(1) && mask.includes(0))
    fc.assert(
      fc.property(maps, masks, (values, mask) => {
        const map = tensor([1, 1, 12], Float32Array.from(values))
        const truth = tensorOf('uint8', [1, 1, 12], Uint8Array.from(mask))
        const curve = proCurve(map, truth)
        curve.thresholds.forEach((threshold, point) => {
          const { fpr, tpr } = decided({ scores: map.data, labels: mask }, threshold)
          expect(fpr).toBe(curve.falsePositiveRates[point])
          const hits = mask.filter((label, at) => label === 1 && (values[at] as number) > threshold).length
          const called = values.filter((value) => value > threshold).length
          const defective = mask.filter((label) => label === 1).length
          expect(hits / defective).toBe(tpr)
          expect(segmentationF1(map, truth, threshold)).toBeCloseTo((2 * hits) / (called + defective), 12)
          expect(segmentationIou(map, truth, threshold)).toBeCloseTo(hits / (called + defective - hits), 12)
        })
      }),
    )
  })
})

describe('a calibration keeps its rate in every decision', () => {
  const parts = fc.array(fc.array(ties, { minLength: 4, maxLength: 4 }), { minLength: 4, maxLength: 16 })

  test('held-out: no more of its images and pixels are above than its rates allow', async () => {
    await fc.assert(
      fc.asyncProperty(parts, fc.constantFrom(0.2, 0.25, 0.5), async (pixels, falsePositiveRate) => {
        const detector = await brightness().fit([rows([[0]])])
        const calibration = await calibrateThreshold(detector, [rows(pixels)], { falsePositiveRate })
        const { scores, maps } = await detector.predict(rows(pixels))
        // Among n + 1 exchangeable images the share above is at most the rate, so of these n at most rate (n + 1) are.
        const most = Math.floor(falsePositiveRate * (pixels.length + 1) + 1e-9)
        const labels = new Uint8Array(pixels.length)
        const { falsePositives } = confusion(scores.data, labels, calibration.threshold)
        expect(falsePositives).toBeLessThan(most)
        const judged = [...scores.data].map((score) => verdict(calibration, score))
        expect(judged.filter(({ anomalous }) => anomalous)).toHaveLength(falsePositives)
        expect(judged.filter(({ pValue }) => pValue <= falsePositiveRate)).toHaveLength(falsePositives)
        expect(judged.filter(({ normalizedScore }) => normalizedScore > 0.5)).toHaveLength(falsePositives)
        const masks = tensorOf('uint8', maps.shape, new Uint8Array(maps.data.length))
        const share = pixelsAbove(maps, calibration.pixelThreshold) / maps.data.length
        expect((pixels.length * share + 1) / (pixels.length + 1)).toBeLessThanOrEqual(falsePositiveRate + 1e-12)
        const counts = confusion(maps.data, masks.data, calibration.pixelThreshold)
        expect(counts.falsePositives).toBe(pixelsAbove(maps, calibration.pixelThreshold))
      }),
      { numRuns: 60 },
    )
  })

  test('cross-fitted: the threshold is the highest score still called good', async () => {
    const pixels = Array.from({ length: 9 }, (_, index) => [index * index])
    const { calibration } = await crossCalibrate(brightness(), [rows(pixels)], { falsePositiveRate: 0.2 })
    const { scores, threshold } = calibration
    expect(confusion(scores, new Uint8Array(9), threshold).falsePositives).toBe(1)
    expect(verdict(calibration, threshold).anomalous).toBe(false)
    expect(verdict(calibration, scores[8] as number).anomalous).toBe(true)
  })
})

function pixelsAbove({ data }: Tensor, threshold: number): number {
  return data.filter((value) => value > threshold).length
}
