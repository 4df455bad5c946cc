import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { auroc, averagePrecision, f1Max, precisionRecallCurve, rocCurve } from '@tab/metrics'
import fc from 'fast-check'
import { sharedFile, testWithShared } from '../../../test/shared.ts'

const samples = fc
  .array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 40 })
  .filter((pairs) => new Set(pairs.map(([, label]) => label)).size === 2)
  .map((pairs) => ({ scores: pairs.map(([score]) => score), labels: pairs.map(([, label]) => label) }))

/** The next float32 below, by hand: 2^-23 of the power of two under the number, half of it right below that power. */
const BELOW: Readonly<Record<number, number>> = {
  [-4]: -4 - 2 ** -21,
  [-3]: -3 - 2 ** -22,
  [-2]: -2 - 2 ** -22,
  [-1]: -1 - 2 ** -23,
  0: -(2 ** -149),
  1: 1 - 2 ** -24,
  2: 2 - 2 ** -23,
  3: 3 - 2 ** -22,
  4: 4 - 2 ** -22,
}

/** Precision, recall and false positive rate as more distinct scores are called anomalous, by counting. */
function table(scores: readonly number[], labels: readonly number[]) {
  const count = (keep: (index: number) => boolean): number => scores.filter((_, index) => keep(index)).length
  return [...new Set(scores)]
    .sort((left, right) => right - left)
    .map((lowest, step, distinct) => {
      const called = (index: number): boolean => (scores[index] as number) >= lowest
      const hits = count((index) => called(index) && labels[index] === 1)
      return {
        threshold: distinct[step + 1] ?? BELOW[lowest],
        precision: hits / count(called),
        recall: hits / count((index) => labels[index] === 1),
        fpr: count((index) => called(index) && labels[index] === 0) / count((index) => labels[index] === 0),
      }
    })
}

describe('averagePrecision', () => {
  test('by hand', () => {
    expect(averagePrecision([4, 3, 2, 1], [1, 1, 0, 0])).toBe(1)
    // hits at ranks 1 and 3: (1/1 + 2/3) / 2
    expect(averagePrecision([4, 3, 2, 1], [1, 0, 1, 0])).toBeCloseTo(5 / 6, 12)
  })

  test('a constant detector has the prevalence, not half of it and more', () => {
    const labels = Array.from({ length: 100 }, (_, index) => (index < 5 ? 1 : 0))
    expect(averagePrecision(new Float32Array(100), labels)).toBe(0.05)
  })

  test('equals the step-wise sum', () => {
    fc.assert(
      fc.property(samples, ({ scores, labels }) => {
        let [sum, recall] = [0, 0]
        for (const point of table(scores, labels)) {
          sum += (point.recall - recall) * point.precision
          recall = point.recall
        }
        expect(averagePrecision(scores, labels)).toBeCloseTo(sum, 12)
      }),
    )
  })
})

describe('f1Max', () => {
  test('by hand', () => {
    // above 1: precision 2/3, recall 1, F1 0.8
    expect(f1Max([4, 3, 2, 1], [1, 0, 1, 0])).toEqual({ f1: 0.8, threshold: 1, precision: 2 / 3, recall: 1 })
    // 2/3 twice: above 3 with precision 1, and above a float below 1 with recall 1; the highest counts
    expect(f1Max([4, 3, 2, 1], [1, 0, 0, 1])).toEqual({ f1: 2 / 3, threshold: 3, precision: 1, recall: 0.5 })
  })

  test('is the highest F1 of all thresholds, reached at its own', () => {
    fc.assert(
      fc.property(samples, ({ scores, labels }) => {
        const best = f1Max(scores, labels)
        const f1 = ({ precision, recall }: { precision: number; recall: number }): number =>
          precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
        const points = table(scores, labels)
        expect(best.f1).toBeCloseTo(Math.max(...points.map(f1)), 12)
        const at = points.find(({ threshold }) => threshold === best.threshold)
        expect(at).toMatchObject({ precision: best.precision, recall: best.recall })
      }),
    )
  })
})

describe('curves', () => {
  test('hold the counts at every distinct score', () => {
    fc.assert(
      fc.property(samples, ({ scores, labels }) => {
        const points = table(scores, labels)
        const roc = rocCurve(scores, labels)
        expect([...roc.thresholds]).toEqual([Math.max(...scores), ...points.map(({ threshold }) => threshold)])
        expect([...roc.falsePositiveRates]).toEqual([0, ...points.map(({ fpr }) => fpr)])
        expect([...roc.truePositiveRates]).toEqual([0, ...points.map(({ recall }) => recall)])
        const curve = precisionRecallCurve(scores, labels)
        expect([...curve.precisions]).toEqual(points.map(({ precision }) => precision))
        expect([...curve.recalls]).toEqual(points.map(({ recall }) => recall))
      }),
    )
  })

  test('the area under the ROC curve by trapezoids is auroc', () => {
    fc.assert(
      fc.property(samples, ({ scores, labels }) => {
        const { falsePositiveRates: x, truePositiveRates: y } = rocCurve(scores, labels)
        let area = 0
        for (let i = 1; i < x.length; i++) {
          area += (((x[i] as number) - (x[i - 1] as number)) * ((y[i] as number) + (y[i - 1] as number))) / 2
        }
        expect(auroc(scores, labels)).toBeCloseTo(area, 12)
      }),
    )
  })
})

test.each([averagePrecision, f1Max, rocCurve, precisionRecallCurve])(
  '%p is undefined with one class only',
  (metric) => {
    expect(() => metric([1, 2], [0, 0])).toThrow(`${metric.name}: undefined without anomalous samples`)
  },
)

testWithShared('oracles/magnetic-tile-metrics.json', 'real pixels equal the independent implementation', () => {
  const wanted = JSON.parse(readFileSync(sharedFile('oracles/magnetic-tile-metrics.json'), 'utf8'))
  const bytes = readFileSync(sharedFile('oracles/magnetic-tile-maps.f32'))
  const maps = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const masks = new Uint8Array(readFileSync(sharedFile('oracles/magnetic-tile-masks.u8')))
  expect(Math.abs(averagePrecision(maps, masks) - wanted.pixelAveragePrecision)).toBeLessThan(1e-12)
  const best = f1Max(maps, masks)
  expect(Math.abs(best.f1 - wanted.pixelF1Max)).toBeLessThan(1e-12)
  // The peer calls pixels from its threshold on defective; ours is the next lower value, still good.
  expect(Math.min(...maps.filter((value) => value > best.threshold))).toBe(wanted.pixelF1Threshold)
  expect(maps).toContain(best.threshold)
})
