import { describe, expect, test } from '@jest/globals'
import * as metrics from '@tab/metrics'
import { isTabError, tensor, tensorOf, type Tensor } from '@tab/core'

/** What comes in place of a number: JSON's null for NaN, a missing field, a cell of a CSV file, ... */
const NO_NUMBERS = [null, undefined, NaN, Infinity, -Infinity, '1', '', 1n, [], [1], {}]
/** Labels are booleans too. */
const NO_LABELS = [...NO_NUMBERS, 2, 0.5, -1]
const LABELS = [0, 1, 0, 1]
const SCORES = [0.3, 0.1, 0.2, 0.4]

async function expectRefused(call: () => unknown, codes: readonly string[]): Promise<void> {
  let result: unknown
  try {
    result = await call()
  } catch (error) {
    expect(isTabError(error)).toBe(true)
    expect(codes).toContain((error as { code: string }).code)
    return
  }
  throw new Error(`gave ${JSON.stringify(result)}`)
}

type Scored = (scores: never, labels: never) => unknown
const streamed =
  (create: () => { update(scores: never, labels: never): void; compute(): unknown }): Scored =>
  (scores, labels) => {
    const stream = create()
    stream.update(scores, labels)
    return stream.compute()
  }
const BINS = { minimum: 0, maximum: 1, count: 8 }

const scored: Readonly<Record<string, Scored>> = {
  auroc: metrics.auroc,
  averagePrecision: metrics.averagePrecision,
  f1Max: metrics.f1Max,
  rocCurve: metrics.rocCurve,
  precisionRecallCurve: metrics.precisionRecallCurve,
  tprAtFpr: (scores, labels) => metrics.tprAtFpr(scores, labels, 0.5),
  confusion: (scores, labels) => metrics.confusion(scores, labels, 0.2),
  balancedAccuracy: (scores, labels) => metrics.balancedAccuracy(scores, labels, 0.2),
  delongAuroc: metrics.delongAuroc,
  delongTest: (scores, labels) => metrics.delongTest(SCORES, scores, labels),
  evaluateDetection: (scores, labels) => metrics.evaluateDetection({ scores, labels }),
  createAuroc: streamed(metrics.createAuroc),
  createAveragePrecision: streamed(metrics.createAveragePrecision),
  createF1Max: streamed(metrics.createF1Max),
  createRocCurve: streamed(metrics.createRocCurve),
  createPrecisionRecallCurve: streamed(metrics.createPrecisionRecallCurve),
  createTprAtFpr: streamed(() => metrics.createTprAtFpr(0.5)),
  createConfusion: streamed(() => metrics.createConfusion(0.2)),
  createBalancedAccuracy: streamed(() => metrics.createBalancedAccuracy(0.2)),
  createBinnedAuroc: streamed(() => metrics.createBinnedAuroc(BINS)),
  createBinnedAveragePrecision: streamed(() => metrics.createBinnedAveragePrecision(BINS)),
}

describe.each(Object.entries(scored))('%s', (_, metric) => {
  test('gives a result for numbers', () => {
    expect(metric(SCORES as never, LABELS as never)).toBeDefined()
  })

  test('refuses scores that are not finite numbers', async () => {
    for (const bad of NO_NUMBERS) {
      for (const at of SCORES.keys()) {
        await expectRefused(() => metric(SCORES.with(at, bad as number) as never, LABELS as never), ['NUMERICAL'])
      }
    }
    const holes = SCORES.slice()
    delete holes[2]
    await expectRefused(() => metric(holes as never, LABELS as never), ['NUMERICAL'])
    for (const Typed of [Float32Array, Float64Array]) {
      await expectRefused(() => metric(Typed.from(SCORES.with(1, NaN)) as never, LABELS as never), ['NUMERICAL'])
    }
  })

  test('refuses labels that are neither 0 nor 1', async () => {
    for (const bad of NO_LABELS) {
      for (const at of LABELS.keys()) {
        await expectRefused(
          () => metric(SCORES as never, LABELS.with(at, bad as number) as never),
          ['INVALID_ARGUMENT'],
        )
      }
    }
    await expectRefused(() => metric(SCORES as never, Uint8Array.of(0, 1, 0, 255) as never), ['INVALID_ARGUMENT'])
  })

  test('refuses what is not an array', async () => {
    for (const bad of [null, undefined, 4, NaN, '0101', new Set([1, 2]), { 0: 1 }, 1n]) {
      await expectRefused(() => metric(bad as never, LABELS as never), ['INVALID_ARGUMENT'])
      await expectRefused(() => metric(SCORES as never, bad as never), ['INVALID_ARGUMENT'])
    }
  })
})

const maps = tensor([2, 1, 4], Float32Array.of(0.1, 0.9, 0.3, 0.2, 0.1, 0.2, 0.3, 0.4))
const masks = tensorOf('uint8', [2, 1, 4], Uint8Array.of(0, 1, 1, 0, 0, 0, 0, 0))
type Mapped = (maps: Tensor, masks: Tensor<'uint8'>) => unknown
const mapped: Readonly<Record<string, Mapped>> = {
  aupro: metrics.aupro,
  proCurve: metrics.proCurve,
  aupimo: metrics.aupimo,
  segmentationF1: (some, truth) => metrics.segmentationF1(some, truth, 0.25),
  segmentationIou: (some, truth) => metrics.segmentationIou(some, truth, 0.25),
  createAupro: (some, truth) => metrics.createAupro().update(some, truth),
  createAupimo: (some, truth) => metrics.createAupimo().update(some, truth),
  createSegmentationF1: (some, truth) => metrics.createSegmentationF1(0.25).update(some, truth),
  createSegmentationIou: (some, truth) => metrics.createSegmentationIou(0.25).update(some, truth),
  createBinnedAupro: (some, truth) => metrics.createBinnedAupro({ bins: BINS }).update(some, truth),
  createBinnedDetection: (some, truth) =>
    metrics.createBinnedDetection().update({ scores: [1, 0], labels: [1, 0], maps: some, masks: truth }),
  evaluateDetection: (some, truth) =>
    metrics.evaluateDetection({ scores: [1, 0], labels: [1, 0], maps: some, masks: truth }),
}

describe.each(Object.entries(mapped))('%s of maps', (_, metric) => {
  test('takes sound ones', () => {
    expect(() => metric(maps, masks)).not.toThrow()
  })

  test('refuses values that are not finite, and plain arrays with what is no number', async () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      await expectRefused(() => metric(tensor(maps.shape, maps.data.with(6, bad)), masks), ['NUMERICAL'])
    }
    for (const bad of NO_NUMBERS) {
      const plain = (data: ArrayLike<number>): never => Array.from(data).with(6, bad as number) as never
      await expectRefused(() => metric({ ...maps, data: plain(maps.data) }, masks), ['INVALID_ARGUMENT'])
      await expectRefused(() => metric(maps, { ...masks, data: plain(masks.data) }), ['INVALID_ARGUMENT'])
      await expectRefused(() => metric({ ...maps, shape: [2, bad as number, 4] }, masks), ['INVALID_ARGUMENT'])
      await expectRefused(() => metric(bad as never, masks), ['INVALID_ARGUMENT'])
      await expectRefused(() => metric(maps, bad as never), ['INVALID_ARGUMENT'])
    }
  })
})

const strata = [0, 0, 1, 1]
const mean = (sample: Uint32Array): number => sample.reduce((sum, at) => sum + at, 0) / sample.length

/** Every number by itself: what takes it, and whether it may be left out. */
const numbers: readonly [name: string, optional: boolean, call: (value: never) => unknown][] = [
  ['confusion threshold', false, (value) => metrics.confusion(SCORES, LABELS, value)],
  ['createConfusion threshold', false, (value) => metrics.createConfusion(value)],
  ['balancedAccuracy threshold', false, (value) => metrics.balancedAccuracy(SCORES, LABELS, value)],
  ['createBalancedAccuracy threshold', false, (value) => metrics.createBalancedAccuracy(value)],
  ['segmentationF1 threshold', false, (value) => metrics.segmentationF1(maps, masks, value)],
  ['createSegmentationF1 threshold', false, (value) => metrics.createSegmentationF1(value)],
  ['segmentationIou threshold', false, (value) => metrics.segmentationIou(maps, masks, value)],
  ['createSegmentationIou threshold', false, (value) => metrics.createSegmentationIou(value)],
  ['tprAtFpr fpr', false, (value) => metrics.tprAtFpr(SCORES, LABELS, value)],
  ['createTprAtFpr fpr', false, (value) => metrics.createTprAtFpr(value)],
  ['aupro fprLimit', true, (fprLimit) => metrics.aupro(maps, masks, { fprLimit })],
  ['createAupro fprLimit', true, (fprLimit) => metrics.createAupro({ fprLimit })],
  ['createBinnedAupro fprLimit', true, (fprLimit) => metrics.createBinnedAupro({ fprLimit, bins: BINS })],
  ['aupimo fprBounds[0]', false, (value) => metrics.aupimo(maps, masks, { fprBounds: [value, 0.5] })],
  ['aupimo fprBounds[1]', false, (value) => metrics.aupimo(maps, masks, { fprBounds: [1e-5, value] })],
  ['createAupimo fprBounds[1]', false, (value) => metrics.createAupimo({ fprBounds: [1e-5, value] })],
  ['bins.minimum', false, (minimum) => metrics.createBinnedAuroc({ ...BINS, minimum })],
  ['bins.maximum', false, (maximum) => metrics.createBinnedAveragePrecision({ ...BINS, maximum })],
  ['bins.count', true, (count) => metrics.createBinnedAupro({ bins: { ...BINS, count } })],
  ['components height', false, (value) => metrics.connectedComponents(new Uint8Array(1), value, 1)],
  ['components width', false, (value) => metrics.connectedComponents(new Uint8Array(1), 1, value)],
  ['components connectivity', true, (value) => metrics.connectedComponents(new Uint8Array(1), 1, 1, value)],
  ['components mask', false, (value) => metrics.connectedComponents([value] as never, 1, 1)],
  ['delongAuroc confidence', true, (confidence) => metrics.delongAuroc(SCORES, LABELS, { confidence })],
  ['delongTest confidence', true, (confidence) => metrics.delongTest(SCORES, SCORES, LABELS, { confidence })],
  ['bootstrap resamples', true, (resamples) => metrics.bootstrap(strata, mean, { seed: 0, resamples })],
  ['bootstrap confidence', true, (confidence) => metrics.bootstrap(strata, mean, { seed: 0, confidence })],
  ['bootstrap statistic', false, (value) => metrics.bootstrap(strata, () => value, { seed: 0 })],
  ['pairedBootstrap statistic', false, (value) => metrics.pairedBootstrap(strata, mean, () => value, { seed: 0 })],
  [
    'fprLimits',
    false,
    (value) => metrics.evaluateDetection({ scores: SCORES, labels: LABELS }, { fprLimits: [value] }),
  ],
  ['createBinnedDetection fprLimits', false, (value) => metrics.createBinnedDetection({ fprLimits: [value] })],
]

test.each(numbers)('%s must be a number', async (_, optional, call) => {
  for (const bad of NO_NUMBERS) {
    if (optional && bad === undefined) continue
    await expectRefused(() => call(bad as never), ['INVALID_ARGUMENT', 'NUMERICAL'])
  }
})

test('strata and seeds are numbers or text', async () => {
  for (const bad of [null, undefined, NaN, Infinity, [], {}]) {
    const broken = strata.with(2, bad as number)
    await expectRefused(() => metrics.bootstrap(broken, mean, { seed: 0 }), ['INVALID_ARGUMENT'])
    await expectRefused(() => metrics.bootstrap(strata, mean, { seed: bad as number }), ['INVALID_ARGUMENT'])
  }
})

test('what is said of images is said of each: types by name, masks by true or false', async () => {
  const set = { scores: [1, 0], labels: [1, 0], maps, masks }
  for (const bad of [null, undefined, NaN, 1, '', {}]) {
    const defectTypes = [bad as string, null]
    await expectRefused(() => metrics.evaluateDetection({ ...set, defectTypes }), ['INVALID_ARGUMENT'])
    const hasMask = [bad as boolean, true]
    await expectRefused(() => metrics.evaluateDetection({ ...set, hasMask }), ['INVALID_ARGUMENT'])
  }
})

test('states of streams that JSON or another program damaged', async () => {
  const broken = (stream: { state(): object; merge(state: never): void }, change: object): Promise<void> =>
    expectRefused(
      () => stream.merge({ ...stream.state(), ...change } as never),
      ['NUMERICAL', 'INVALID_ARGUMENT', 'INCOMPATIBLE'],
    )
  for (const bad of NO_NUMBERS) {
    await broken(metrics.createAuroc(), { normal: [0.5, bad] })
    await broken(metrics.createConfusion(0.5), { truePositives: bad })
    await broken(metrics.createConfusion(0.5), { threshold: bad })
    await broken(metrics.createBinnedAuroc({ ...BINS, count: 2 }), { anomalous: [0, bad] })
    await broken(metrics.createBinnedAupro({ bins: { ...BINS, count: 2 } }), { overlap: [0, bad] })
    await broken(metrics.createBinnedAupro({ bins: { ...BINS, count: 2 } }), { regions: bad })
    await broken(metrics.createAupro(), { anomalous: [bad], groupSizes: [1] })
    await broken(metrics.createAupro(), { groupSizes: [bad] })
  }
  await expectRefused(() => metrics.createAuroc().merge(null as never), ['INCOMPATIBLE'])
})
