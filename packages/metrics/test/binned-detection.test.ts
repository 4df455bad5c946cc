import { describe, expect, test } from '@jest/globals'
import { createBinnedDetection, evaluateDetection, proCurve, type DetectionTable, type TableRow } from '@tab/metrics'
import { createRng, tensor, tensorOf } from '@tab/core'
import fc from 'fast-check'
import { scoreBin, thresholdBelow } from '../src/streaming/score-histogram.ts'

const [HEIGHT, WIDTH] = [5, 6]
const AREA = HEIGHT * WIDTH

interface Drawn {
  readonly types: readonly (string | null)[]
  readonly known: readonly boolean[]
  readonly values: readonly number[]
  readonly marks: readonly boolean[]
}

function scoredSet({ types, known, values, marks }: Drawn, from = 0, to = types.length) {
  const shape = [to - from, HEIGHT, WIDTH]
  const pixels = Array.from({ length: (to - from) * AREA }, (_, index) => index + from * AREA)
  return {
    scores: types.slice(from, to).map((_, image) => values[image + from] as number),
    labels: types.slice(from, to).map((type) => (type === null ? 0 : 1)),
    defectTypes: types.slice(from, to),
    hasMask: known.slice(from, to),
    maps: tensor(
      shape,
      Float32Array.from(pixels, (pixel) => values[pixel % values.length] as number),
    ),
    masks: tensorOf(
      'uint8',
      shape,
      Uint8Array.from(pixels, (pixel) =>
        Number(types[Math.floor(pixel / AREA)] !== null && marks[pixel % marks.length]),
      ),
    ),
  }
}

const drawnSets = fc.array(fc.constantFrom(null, 'crack', 'stain'), { minLength: 1, maxLength: 6 }).chain((types) =>
  fc.record({
    types: fc.constant(types),
    known: fc.array(fc.boolean(), { minLength: types.length, maxLength: types.length }),
    // Close together, so that many share a bin without being equal, and on both sides of 0.
    values: fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 4000 }).map((step) => 1 + step * 2 ** -23),
        fc.constantFrom(0, -0, -1, 1e-40, -1e-40, 3),
      ),
      { minLength: 31, maxLength: 67 },
    ),
    marks: fc.array(fc.boolean(), { minLength: 17, maxLength: 41 }),
  }),
)

/** Every number of a row by the name that error bounds give it. */
function numbersOf({ pixel }: TableRow): Record<string, number | null> {
  return {
    'pixel.auroc': pixel?.auroc ?? null,
    'pixel.averagePrecision': pixel?.averagePrecision ?? null,
    'pixel.f1Max': pixel?.f1Max?.f1 ?? null,
    ...Object.fromEntries((pixel?.aupro ?? []).map(({ fprLimit, value }) => [`pixel.aupro ${fprLimit}`, value])),
    'pixel.aupimo': pixel?.aupimo ?? null,
  }
}

const rowsOf = (table: DetectionTable): TableRow[] => [table.overall, ...table.byDefectType]

describe('createBinnedDetection', () => {
  test('in whatever batches, image metrics are exact and every pixel metric within its bound of the exact one', () => {
    fc.assert(
      fc.property(drawnSets, fc.nat(5), (drawn, cut) => {
        const exact = evaluateDetection(scoredSet(drawn))
        const stream = createBinnedDetection()
        const middle = Math.min(cut, drawn.types.length)
        stream.update(scoredSet(drawn, 0, middle))
        stream.update(scoredSet(drawn, middle))
        const table = stream.compute()
        rowsOf(exact).forEach((row, index) => {
          const ours = rowsOf(table)[index] as TableRow
          expect({ ...ours, pixel: null }).toEqual({ ...row, pixel: null })
          expect(ours.pixel?.regions).toBe(row.pixel?.regions)
          for (const [metric, value] of Object.entries(numbersOf(row))) {
            const found = numbersOf(ours)[metric]
            const bound = table.binned.errorBounds.find(
              (entry) => entry.defectType === row.defectType && entry.metric === metric,
            )?.errorBound
            if (value === null) expect([metric, found, bound]).toEqual([metric, null, undefined])
            else expect(Math.abs((found as number) - value)).toBeLessThanOrEqual((bound as number) + 1e-9)
          }
        })
        const reasons = ({ undefinedMetrics }: DetectionTable): string[] =>
          undefinedMetrics.map((entry) => JSON.stringify(entry)).sort()
        expect(reasons(table)).toEqual(reasons(exact))
      }),
      { numRuns: 60 },
    )
  })

  test('scores of four octaves give four digits, and say so', () => {
    const rng = createRng(3)
    const [images, side] = [6, 64]
    const masks = Uint8Array.from({ length: images * side * side }, (_, pixel) =>
      Number(pixel >= 3 * side * side && pixel % 97 < 9),
    )
    const maps = Float32Array.from(masks, (mark) => 2 ** (3 * rng() + mark * rng()))
    const set = {
      scores: [1, 2, 3, 4, 5, 6],
      labels: [0, 0, 0, 1, 1, 1],
      maps: tensor([images, side, side], maps),
      masks: tensorOf('uint8', [images, side, side], masks),
    }
    const stream = createBinnedDetection()
    stream.update(set)
    const table = stream.compute()
    const exact = numbersOf(evaluateDetection(set).overall)
    expect(table.binned.errorBounds).toHaveLength(6)
    for (const { metric, errorBound } of table.binned.errorBounds) {
      expect(errorBound).toBeLessThan(1e-3)
      const digits = metric === 'pixel.aupimo' ? 2 : 4 // one pixel in 10,000 is all that it looks at
      expect(numbersOf(table.overall)[metric]).toBeCloseTo(exact[metric] as number, digits)
    }
  })

  test('the threshold of its F1 gives what it promised: strictly above is anomalous', () => {
    fc.assert(
      fc.property(drawnSets, (drawn) => {
        const set = scoredSet({ ...drawn, known: drawn.known.map(() => true) })
        const stream = createBinnedDetection()
        stream.update(set)
        const best = stream.compute().overall.pixel?.f1Max
        if (!best) return
        let [hits, called] = [0, 0]
        set.maps.data.forEach((value, pixel) => {
          if (!(value > best.threshold)) return
          called++
          hits += set.masks.data[pixel] as number
        })
        const positives = set.masks.data.reduce((sum, mark) => sum + mark, 0)
        expect([hits / called, hits / positives]).toEqual([best.precision, best.recall])
      }),
      { numRuns: 40 },
    )
  })

  test('the curve runs through points of the exact one', () => {
    const set = scoredSet({
      types: [null, 'crack', 'stain'],
      known: [true, true, true],
      values: Array.from({ length: 61 }, (_, index) => (index * 37) % 61),
      marks: Array.from({ length: 29 }, (_, index) => index % 3 === 0),
    })
    const stream = createBinnedDetection()
    stream.update(set)
    const [ours, exact] = [stream.proCurve(), proCurve(set.maps, set.masks)]
    expect([...ours.falsePositiveRates]).toEqual([...exact.falsePositiveRates]) // whole numbers have bins of their own
    // Pixels above a threshold give its point, from none to all of them.
    const normal = [...set.maps.data].filter((_, pixel) => set.masks.data[pixel] === 0)
    ours.thresholds.forEach((threshold, point) => {
      const above = normal.filter((value) => value > threshold).length
      expect(above / normal.length).toBe(ours.falsePositiveRates[point])
    })
    ours.overlaps.forEach((overlap, point) => expect(overlap).toBeCloseTo(exact.overlaps[point] as number, 12))
  })

  test('refuses what the exact one refuses, and maps of another size', () => {
    const stream = createBinnedDetection()
    const set = scoredSet({ types: [null], known: [true], values: [1], marks: [false] })
    stream.update(set)
    const broken = { ...set, maps: tensor(set.maps.shape, new Float32Array(AREA).fill(NaN)) }
    expect(() => stream.update(broken)).toThrow('maps must be finite, got NaN in image 0, pixel 0')
    const other = { ...set, maps: tensor([1, WIDTH, HEIGHT], new Float32Array(AREA)) }
    const masks = tensorOf('uint8', [1, WIDTH, HEIGHT], new Uint8Array(AREA))
    expect(() => stream.update({ ...other, masks })).toThrow('maps of 5 x 6 pixels as before, got 6 x 5')
    expect(stream.compute().overall.normalImages).toBe(1)
  })
})

describe('bins of scores', () => {
  const floats = fc.float({ noNaN: true, noDefaultInfinity: true })
  const binOf = (value: number): number => scoreBin(new Uint32Array(Float32Array.of(value).buffer)[0] as number)

  test('never fall as the score rises, and a threshold lies right below its bin', () => {
    fc.assert(
      fc.property(floats, floats, (left, right) => {
        const [low, high] = left < right ? [left, right] : [right, left]
        expect(binOf(low)).toBeLessThanOrEqual(binOf(high))
        const threshold = thresholdBelow(binOf(high))
        expect(high > threshold).toBe(true)
        expect(low > threshold).toBe(binOf(low) === binOf(high))
      }),
      {
        examples: [
          [0, -0],
          [-0, -(2 ** -149)],
          [0, 2 ** -149],
        ],
      },
    )
  })
})
