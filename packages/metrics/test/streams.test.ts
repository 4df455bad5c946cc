import { describe, expect, test } from '@jest/globals'
import {
  auroc,
  aupimo,
  aupro,
  averagePrecision,
  balancedAccuracy,
  confusion,
  createAupimo,
  createAupro,
  createAuroc,
  createAveragePrecision,
  createBalancedAccuracy,
  createBinnedAupro,
  createBinnedAuroc,
  createBinnedAveragePrecision,
  createConfusion,
  createF1Max,
  createPrecisionRecallCurve,
  createRocCurve,
  createSegmentationF1,
  createSegmentationIou,
  createTprAtFpr,
  f1Max,
  precisionRecallCurve,
  rocCurve,
  segmentationF1,
  segmentationIou,
  tprAtFpr,
  type MetricStream,
  type StreamState,
} from '@tab/metrics'
import { createRng, tensor, tensorOf, type Tensor } from '@tab/core'
import fc from 'fast-check'

const samples = fc
  .array(fc.tuple(fc.constantFrom(-0, 0, 0.1, -2.5, 1e-30, 7, 1 / 3), fc.integer({ min: 0, max: 1 })), {
    minLength: 2,
    maxLength: 60,
  })
  .filter((pairs) => new Set(pairs.map(([, label]) => label)).size === 2)

type Scored = [Float32Array, Uint8Array]

const scored = (pairs: readonly [number, number][]): Scored => [
  Float32Array.from(pairs, ([score]) => score),
  Uint8Array.from(pairs, ([, label]) => label),
]

/** Feeds batches: the first half to one stream, the rest to another, and puts the two together. */
function gather<Batch extends readonly unknown[], Value, State extends StreamState>(
  create: () => MetricStream<Batch, Value, State>,
  batches: readonly Batch[],
): Value {
  const [one, other] = [create(), create()]
  const middle = batches.length >> 1
  for (const batch of batches.slice(middle)) other.update(...batch)
  one.update(...(batches[0] as Batch)) // what reset must forget
  one.reset()
  for (const batch of batches.slice(0, middle)) one.update(...batch)
  one.merge(structuredClone(other.state()))
  const value = one.compute()
  expect(one.compute()).toEqual(value)
  return value
}

const ranking = [
  ['auroc', auroc, createAuroc],
  ['averagePrecision', averagePrecision, createAveragePrecision],
  ['f1Max', f1Max, createF1Max],
  ['rocCurve', rocCurve, createRocCurve],
  ['precisionRecallCurve', precisionRecallCurve, createPrecisionRecallCurve],
  ['tprAtFpr', (...batch: Scored) => tprAtFpr(...batch, 0.3), () => createTprAtFpr(0.3)],
] as const

describe.each(ranking)('%s in batches', (_, whole, create) => {
  test('is what it is at once, to the bit, in any batches and any order', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 9 }), (pairs, size) => {
        const batches: Scored[] = []
        const reversed = pairs.toReversed()
        for (let at = 0; at < pairs.length; at += size) batches.push(scored(reversed.slice(at, at + size)))
        expect(gather<Scored, unknown, StreamState>(create as never, batches)).toEqual(whole(...scored(pairs)))
      }),
    )
  })

  test('is so for many scores too, and when float64 batches follow float32 ones', () => {
    const rng = createRng('many')
    const scores = Float32Array.from({ length: 30_000 }, () => Math.fround(Math.round(rng() * 4000) / 7 - 100))
    const labels = Uint8Array.from(scores, () => (rng() < 0.1 ? 1 : 0))
    const stream = create()
    stream.update(scores.subarray(10_000), labels.subarray(10_000))
    stream.compute()
    stream.update(Float64Array.from(scores.subarray(0, 10_000)), labels.subarray(0, 10_000))
    expect(stream.compute()).toEqual(whole(scores, labels))
  })
})

/** Maps and masks of up to 5 images of 4 x 4 pixels. */
const images = fc
  .array(
    fc.record({
      map: fc.array(fc.constantFrom(-0, 0, 0.1, -2.5, 7, 1 / 3), { minLength: 16, maxLength: 16 }),
      mask: fc.oneof(
        fc.constant(Array.from({ length: 16 }, () => 0)),
        fc.array(fc.constantFrom(0, 0, 1), { minLength: 16, maxLength: 16 }),
      ),
    }),
    { minLength: 2, maxLength: 5 },
  )
  .filter((set) => {
    const defective = set.map(({ mask }) => mask.includes(1))
    return defective.includes(true) && defective.includes(false)
  })

type Mapped = [Tensor, Tensor<'uint8'>]
type Image = { map: number[]; mask: number[] }

const mapped = (set: readonly Image[]): Mapped => [
  tensor([set.length, 4, 4], Float32Array.from(set.flatMap(({ map }) => map))),
  tensorOf('uint8', [set.length, 4, 4], Uint8Array.from(set.flatMap(({ mask }) => mask))),
]

const pixel = [
  ['aupro', (...batch: Mapped) => aupro(...batch), () => createAupro()],
  ['aupro to 1', (...batch: Mapped) => aupro(...batch, { fprLimit: 1 }), () => createAupro({ fprLimit: 1 })],
  ['segmentationF1', (...batch: Mapped) => segmentationF1(...batch, 0.1), () => createSegmentationF1(0.1)],
  ['segmentationIou', (...batch: Mapped) => segmentationIou(...batch, 0.1), () => createSegmentationIou(0.1)],
] as const

test.each(pixel)('%s of images in any batches and order is what it is at once, to the bit', (_, whole, create) => {
  fc.assert(
    fc.property(images, fc.integer({ min: 1, max: 3 }), (set, size) => {
      const batches: Mapped[] = []
      const reversed = set.toReversed()
      for (let at = 0; at < set.length; at += size) batches.push(mapped(reversed.slice(at, at + size)))
      expect(gather<Mapped, unknown, StreamState>(create as never, batches)).toBe(whole(...mapped(set)))
    }),
  )
})

test('aupimo: the mean to the bit, the images in their order', () => {
  fc.assert(
    fc.property(images, (set) => {
      const wanted = aupimo(...mapped(set), { fprBounds: [0.01, 0.5] })
      const streamed = gather(
        () => createAupimo({ fprBounds: [0.01, 0.5] }),
        set.toReversed().map((image) => mapped([image])),
      )
      expect(streamed.mean).toBe(wanted.mean)
      expect([...streamed.perImage].sort()).toEqual([...wanted.perImage].sort())
    }),
  )
})

test('decisions at a threshold', () => {
  fc.assert(
    fc.property(samples, (pairs) => {
      const batches = pairs.map((pair) => scored([pair]))
      expect(gather(() => createConfusion(0.1), batches)).toEqual(confusion(...scored(pairs), 0.1))
      expect(gather(() => createBalancedAccuracy(0.1), batches)).toBe(balancedAccuracy(...scored(pairs), 0.1))
    }),
  )
})

describe('in bounded memory', () => {
  const bins = { minimum: -1, maximum: 2, count: 7 }

  test.each([
    ['auroc', auroc, createBinnedAuroc],
    ['averagePrecision', averagePrecision, createBinnedAveragePrecision],
  ] as const)('%s is within its bound of the exact value', (_, whole, create) => {
    const anyScores = fc
      .array(fc.tuple(fc.double({ min: -1.5, max: 3, noNaN: true }), fc.integer({ min: 0, max: 1 })), {
        minLength: 2,
        maxLength: 80,
      })
      .filter((pairs) => new Set(pairs.map(([, label]) => label)).size === 2)
    fc.assert(
      fc.property(anyScores, (pairs) => {
        const [scores, labels] = [pairs.map(([score]) => score), pairs.map(([, label]) => label)]
        const { value, errorBound } = gather(
          () => create(bins),
          pairs.map(([score, label]): [number[], number[]] => [[score], [label]]),
        )
        expect(Math.abs(value - whole(scores, labels))).toBeLessThanOrEqual(errorBound + 1e-12)
      }),
    )
  })

  test('aupro is within its bound of the exact value', () => {
    fc.assert(
      fc.property(images, fc.constantFrom(0.05, 0.3, 1), (set, fprLimit) => {
        const { value, errorBound } = gather(
          () => createBinnedAupro({ bins, fprLimit }),
          set.map((image) => mapped([image])),
        )
        expect(Math.abs(value - aupro(...mapped(set), { fprLimit }))).toBeLessThanOrEqual(errorBound + 1e-12)
      }),
    )
  })

  test('the bound shrinks as bins grow in number, and is 0 when every score has its own', () => {
    const scores = Array.from({ length: 128 }, (_, index) => index)
    const labels = scores.map((score) => (score % 3 === 0 ? 1 : 0))
    const bound = (count: number): number => {
      const stream = createBinnedAuroc({ minimum: 0, maximum: 128, count })
      stream.update(scores, labels)
      return stream.compute().errorBound
    }
    expect(bound(16)).toBeLessThan(bound(8))
    expect(bound(128)).toBe(0)
  })
})

describe('a stream refuses', () => {
  test('to compute before both classes came', () => {
    const stream = createAuroc()
    expect(() => stream.compute()).toThrow('createAuroc.compute: undefined without normal samples')
    stream.update([1], [0])
    expect(() => stream.compute()).toThrow('got 1 normal and 0 anomalous')
  })

  test('a bad batch, and is as it was before', () => {
    const stream = createAuroc()
    stream.update([1, 2], [0, 1])
    expect(() => stream.update([3, NaN], [0, 1])).toThrow(
      'createAuroc.update: scores must be finite numbers, got NaN at 1',
    )
    expect(() => stream.update([3], [0, 1])).toThrow('1 scores and 2 labels')
    expect(stream.state().normal).toHaveLength(1)
  })

  test('the state of another kind, other bins or another threshold', () => {
    expect(() => createAuroc().merge(createAupro().state() as never)).toThrow('of kind "ranking", got "regions"')
    const bins = { minimum: 0, maximum: 1 }
    expect(() => createBinnedAuroc(bins).merge(createBinnedAuroc({ ...bins, count: 9 }).state())).toThrow(
      'the same bins, 65536 from 0 to 1, got 9 from 0 to 1',
    )
    expect(() => createConfusion(1).merge(createConfusion(2).state())).toThrow('for the threshold 1, got 2')
    expect(() => createBinnedAuroc({ minimum: 1, maximum: 1 })).toThrow('bins.maximum must be a finite number > 1')
  })

  test('to let go of or change what the caller passed', () => {
    const scores = Float32Array.of(3, 1, 2)
    const stream = createAuroc()
    stream.update(scores, [0, 1, 0])
    stream.compute()
    expect([...scores]).toEqual([3, 1, 2])
    scores.fill(9)
    expect(stream.compute()).toBe(0)
  })
})
