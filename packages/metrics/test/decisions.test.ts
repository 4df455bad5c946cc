import { describe, expect, test } from '@jest/globals'
import { balancedAccuracy, confusion, rocCurve, segmentationF1, segmentationIou, tprAtFpr } from '@tab/metrics'
import { tensor, tensorOf } from '@tab/core'
import fc from 'fast-check'

const samples = fc
  .array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 40 })
  .filter((pairs) => new Set(pairs.map(([, label]) => label)).size === 2)
  .map((pairs) => ({ scores: pairs.map(([score]) => score), labels: pairs.map(([, label]) => label) }))

describe('at a threshold', () => {
  test('by hand: a score that equals the threshold is called good', () => {
    const [scores, labels] = [
      [1, 2, 3, 3, 5],
      [0, 1, 0, 1, 1],
    ]
    const counts = { truePositives: 1, falsePositives: 0, trueNegatives: 2, falseNegatives: 2 }
    expect(confusion(scores, labels, 2)).toEqual({
      truePositives: 2,
      falsePositives: 1,
      trueNegatives: 1,
      falseNegatives: 1,
    })
    expect(confusion(scores, labels, 3)).toEqual(counts)
    expect(balancedAccuracy(scores, labels, 2)).toBeCloseTo((2 / 3 + 1 / 2) / 2, 14)
    const maps = tensor([1, 1, 5], Float32Array.from(scores))
    const masks = tensorOf('uint8', [1, 1, 5], Uint8Array.from(labels))
    expect(segmentationF1(maps, masks, 2)).toBeCloseTo(4 / 6, 14)
    expect(segmentationIou(maps, masks, 2)).toBe(0.5)
  })

  test('F1 is 2 IoU / (1 + IoU)', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -4, max: 4 }), ({ scores, labels }, threshold) => {
        const maps = tensor([1, 1, scores.length], Float32Array.from(scores))
        const masks = tensorOf('uint8', [1, 1, scores.length], Uint8Array.from(labels))
        const iou = segmentationIou(maps, masks, threshold)
        expect(segmentationF1(maps, masks, threshold)).toBeCloseTo((2 * iou) / (1 + iou), 14)
      }),
    )
  })

  test('refuses what it is not defined for', () => {
    const maps = tensor([1, 1, 2], Float32Array.of(1, 2))
    const masks = tensorOf('uint8', [1, 1, 2], Uint8Array.of(0, 0))
    expect(() => segmentationF1(maps, masks, 3)).toThrow(
      'undefined when no pixel is defective and none is called defective',
    )
    expect(segmentationF1(maps, masks, 1)).toBe(0)
    expect(() => segmentationF1(maps, masks, 2)).toThrow('undefined when no pixel is defective')
    expect(() => balancedAccuracy([1, 2], [0, 0], 1)).toThrow('undefined without anomalous samples')
    expect(() => confusion([1], [0], NaN)).toThrow('threshold must be a finite number, got NaN')
  })
})

describe('tprAtFpr', () => {
  test('by hand', () => {
    const [scores, labels] = [
      [5, 4, 3, 2, 1],
      [1, 0, 1, 1, 0],
    ]
    expect(tprAtFpr(scores, labels, 0.5)).toEqual({ tpr: 1, fpr: 0.5, threshold: 1 })
    expect(tprAtFpr(scores, labels, 0.49)).toEqual({ tpr: 1 / 3, fpr: 0, threshold: 4 })
    expect(tprAtFpr([1, 2], [1, 0], 0)).toEqual({ tpr: 0, fpr: 0, threshold: 2 })
  })

  test('is the best point of the ROC curve within the rate', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(0, 0.1, 0.5, 1), ({ scores, labels }, limit) => {
        const { falsePositiveRates, truePositiveRates } = rocCurve(scores, labels)
        const within = [...truePositiveRates].filter((_, point) => (falsePositiveRates[point] as number) <= limit)
        const { tpr, fpr, threshold } = tprAtFpr(scores, labels, limit)
        expect(tpr).toBe(Math.max(...within))
        const called = confusion(scores, labels, threshold)
        expect(called.falsePositives / (called.falsePositives + called.trueNegatives)).toBe(fpr)
      }),
    )
  })

  test('refuses a rate above 1', () => {
    expect(() => tprAtFpr([1, 2], [0, 1], 5)).toThrow('fpr must be a finite number >= 0 and <= 1, got 5')
  })
})
