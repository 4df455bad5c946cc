import { describe, expect, test } from '@jest/globals'
import { createRng, tensor, tensorOf } from '@tab/core'
import { aupro, auroc, createBinnedDetection, rocCurve, type ProCurve } from '@tab/metrics'
import fc from 'fast-check'
import { evaluationCurves, PRO_LIMIT } from '../src/evaluation/curves.ts'
import { thinCurve, type CurvePoint } from '../src/evaluation/thin-curve.ts'

/** Area under a curve by trapezoids, up to a limit of x. */
function area(points: readonly CurvePoint[], limit: number): number {
  let sum = 0
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1] as CurvePoint, points[i] as CurvePoint]
    if (x0 >= limit || x1 === x0) continue
    const end = Math.min(x1, limit)
    const yEnd = y0 + ((end - x0) / (x1 - x0)) * (y1 - y0)
    sum += ((end - x0) * (y0 + yEnd)) / 2
  }
  return sum
}

/** Noisy maps of squares on half of the images. */
function scoredSet(images: number, side: number, seed: number) {
  const rng = createRng(seed)
  const masks = new Uint8Array(images * side * side)
  const maps = Float32Array.from(masks, () => rng())
  const scores = new Float32Array(images)
  for (let image = 0; image < images; image++) {
    const defective = image % 2 === 1
    scores[image] = rng() + (defective ? 0.4 : 0)
    for (let y = 2; defective && y < 9; y++) {
      for (let x = 2; x < 9; x++) {
        const pixel = (image * side + y) * side + x
        masks[pixel] = 1
        maps[pixel] = (maps[pixel] as number) + 0.7 * rng()
      }
    }
  }
  return {
    scores,
    maps: tensor([images, side, side], maps),
    masks: tensorOf('uint8', [images, side, side], masks),
    milliseconds: new Float32Array(images),
    defects: Array.from(scores, (_, image) => (image % 2 === 1 ? 'square' : 'good') as string),
  }
}

type Set = ReturnType<typeof scoredSet>

/** As a scored test set comes: with the curve of the pixels whose mask is known. */
function scoringOf(set: Set, hasMask = set.defects.map(() => true)) {
  const { scores, defects, maps, masks } = set
  const stream = createBinnedDetection()
  stream.update({ scores, labels: defects.map((defect) => Number(defect !== 'good')), hasMask, maps, masks })
  let proCurve: ProCurve | undefined
  try {
    proCurve = stream.proCurve()
  } catch {
    // undefined
  }
  return { set, proCurve }
}

describe('evaluationCurves', () => {
  const set = scoredSet(60, 48, 1)
  const labels = set.defects.map((defect) => (defect === 'good' ? 0 : 1))

  test('the areas under the curves are the metrics, though most points are gone', () => {
    const { roc, pro } = evaluationCurves(scoringOf(set))
    expect(area(roc ?? [], 1)).toBeCloseTo(auroc(set.scores, labels), 10) // 60 images: every corner stays
    expect(area(pro ?? [], PRO_LIMIT) / PRO_LIMIT).toBeCloseTo(aupro(set.maps, set.masks), 3)
    expect(pro?.length).toBeLessThan(2500)
    expect(pro?.length).toBeGreaterThan(100)
    expect(pro?.at(-1)?.[0]).toBeGreaterThanOrEqual(PRO_LIMIT)
  })

  test('precision at full recall is the share of defective images from the lowest defective score up', () => {
    const lowest = Math.min(...set.scores.filter((_, image) => labels[image] === 1))
    const above = set.scores.filter((score) => score >= lowest).length
    const atFullRecall = evaluationCurves(scoringOf(set)).precisionRecall?.find(([recall]) => recall === 1)
    expect(atFullRecall?.[1]).toBeCloseTo(30 / above, 12)
  })

  test('pixels of an image without a known mask are left out', () => {
    const pro = (...images: Parameters<typeof scoringOf>) => evaluationCurves(scoringOf(...images)).pro
    // Of the first 20 images the good ones count all the same: their masks are known to be empty.
    const hasMask = set.defects.map((defect, image) => image >= 20 || defect === 'good')
    const marks = set.masks.data.slice()
    marks.fill(0, 0, 20 * 48 * 48)
    const otherwise = { ...set, masks: tensorOf('uint8', set.masks.shape, marks) }
    expect(pro(set, hasMask)).toEqual(pro(otherwise, hasMask))
    expect(pro(set, hasMask)).not.toEqual(pro(set))
  })

  test('what is undefined is left undefined', () => {
    const good = {
      ...set,
      defects: set.defects.map(() => 'good'),
      masks: tensorOf('uint8', set.masks.shape, new Uint8Array(set.masks.data.length)),
    }
    expect(evaluationCurves(scoringOf(good))).toEqual({ roc: undefined, precisionRecall: undefined, pro: undefined })
  })
})

describe('thinCurve', () => {
  test('every point left out lies within the tolerance of one that stayed, and the ends stay', () => {
    const samples = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { minLength: 2 })
    fc.assert(
      fc.property(samples, (drawn) => {
        const scores = drawn.map(([score]) => score)
        const { falsePositiveRates, truePositiveRates } = rocCurve(
          [...scores, 2, 2],
          [...drawn.map(([, label]) => Number(label)), 0, 1],
        )
        const thin = thinCurve(falsePositiveRates, truePositiveRates, 0.05)
        expect([thin[0], thin.at(-1)]).toEqual([
          [0, 0],
          [1, 1],
        ])
        falsePositiveRates.forEach((x, index) => {
          const y = truePositiveRates[index] as number
          expect(thin.some(([keptX, keptY]) => Math.abs(keptX - x) <= 0.05 && Math.abs(keptY - y) <= 0.05)).toBe(true)
        })
      }),
    )
  })

  test('a staircase keeps its corners', () => {
    const corners = [
      [0, 0],
      [0, 0.8],
      [0.004, 0.8], // the end of a tread
      [0.5, 0.8],
      [0.5, 1],
      [1, 1],
    ] as const
    const walked = [...corners.slice(0, 2), [0.002, 0.8] as const, ...corners.slice(2)]
    const xs = walked.map(([x]) => x)
    const ys = walked.map(([, y]) => y)
    expect(thinCurve(xs, ys, 0.01)).toEqual(corners)
  })

  test('stops one point beyond the limit', () => {
    expect(thinCurve([0, 0.2, 0.4, 0.6, 1], [0, 0.5, 0.6, 0.7, 1], 0.01, 0.3)).toEqual([
      [0, 0],
      [0.2, 0.5],
      [0.4, 0.6],
    ])
  })
})
