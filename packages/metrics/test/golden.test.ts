import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  auroc,
  averagePrecision,
  balancedAccuracy,
  delongAuroc,
  delongTest,
  precisionRecallCurve,
  rocCurve,
  segmentationF1,
  segmentationIou,
} from '@tab/metrics'
import { tensor, tensorOf } from '@tab/core'

interface RankingCase {
  name: string
  scores: number[]
  labels: number[]
  auroc: number
  averagePrecision: number
  balancedAccuracyAtMedian: number
  f1AtMedian: number
  iouAtMedian: number
  median: number
  roc: { fpr: number[]; tpr: number[] }
  precisionRecall: { precision: number[]; recall: number[]; thresholds: number[] }
}

interface DelongCase {
  name: string
  first: number[]
  second: number[]
  labels: number[]
  confidence: number
  aurocA: number
  aurocB: number
  varianceA: number
  intervalA: [number, number]
  standardError: number
  z: number
  pValue: number
}

const golden: { ranking: RankingCase[]; delong: DelongCase[] } = JSON.parse(
  readFileSync(new URL('golden/ranking.json', import.meta.url), 'utf8'),
)

function expectClose(actual: ArrayLike<number>, wanted: readonly number[]): void {
  expect(actual.length).toBe(wanted.length)
  const off = wanted.map((value, index) => Math.abs((actual[index] as number) - value))
  expect(Math.max(...off)).toBeLessThan(1e-12)
}

/** The peer calls scores from the median on anomalous; so do we, a little below it: no score lies between. */
function justBelow(median: number): number {
  return median - 1e-9
}

describe('equals scikit-learn', () => {
  test.each(golden.ranking.map((entry) => [entry.name, entry] as const))('%s', (_, wanted) => {
    const { scores, labels, median } = wanted
    expect(Math.abs(auroc(scores, labels) - wanted.auroc)).toBeLessThan(1e-12)
    expect(Math.abs(averagePrecision(scores, labels) - wanted.averagePrecision)).toBeLessThan(1e-12)
    expect(
      Math.abs(balancedAccuracy(scores, labels, justBelow(median)) - wanted.balancedAccuracyAtMedian),
    ).toBeLessThan(1e-12)
    const roc = rocCurve(scores, labels)
    expectClose(roc.falsePositiveRates, wanted.roc.fpr)
    expectClose(roc.truePositiveRates, wanted.roc.tpr)
    // scikit-learn goes from the lowest threshold up and invents a last point (1, 0).
    const curve = precisionRecallCurve(scores, labels)
    // It calls scores from a threshold on anomalous, we those above: the same points, each at the next lower score.
    expectClose(curve.thresholds.slice(0, -1), wanted.precisionRecall.thresholds.toReversed().slice(1))
    expectClose(roc.thresholds.slice(0, -1), wanted.precisionRecall.thresholds.toReversed())
    expectClose(curve.precisions, wanted.precisionRecall.precision.toReversed().slice(1))
    expectClose(curve.recalls, wanted.precisionRecall.recall.toReversed().slice(1))
  })

  test.each(golden.ranking.filter(({ name }) => name !== 'random').map((entry) => [entry.name, entry] as const))(
    'segmentation, %s',
    (_, { scores, labels, f1AtMedian, iouAtMedian }) => {
      // In float32, as maps are, and so at the median of these.
      const maps = tensor([1, 1, scores.length], Float32Array.from(scores))
      const masks = tensorOf('uint8', [1, 1, scores.length], Uint8Array.from(labels))
      const sorted = [...maps.data].sort((left, right) => left - right)
      const middle = (sorted.length - 1) / 2
      const median = ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2
      expect(segmentationF1(maps, masks, justBelow(median))).toBeCloseTo(f1AtMedian, 12)
      expect(segmentationIou(maps, masks, justBelow(median))).toBeCloseTo(iouAtMedian, 12)
    },
  )
})

describe('DeLong equals the definition over all pairs, by numpy and scipy', () => {
  test.each(golden.delong.map((entry) => [entry.name, entry] as const))('%s', (_, wanted) => {
    const { first, second, labels, confidence } = wanted
    const alone = delongAuroc(first, labels, { confidence })
    expect(alone.auroc).toBeCloseTo(wanted.aurocA, 12)
    expect(alone.auroc).toBeCloseTo(auroc(first, labels), 12)
    expect(alone.variance / wanted.varianceA).toBeCloseTo(1, 10)
    expectClose(alone.interval, wanted.intervalA)
    const difference = delongTest(first, second, labels)
    expect(difference.aurocB).toBeCloseTo(wanted.aurocB, 12)
    expect(difference.standardError / wanted.standardError).toBeCloseTo(1, 9)
    expect(difference.z / wanted.z).toBeCloseTo(1, 9)
    expect(difference.pValue / wanted.pValue).toBeCloseTo(1, 8)
  })
})
