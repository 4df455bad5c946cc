import { describe, expect, test } from '@jest/globals'
import { auroc } from '@tab/metrics'
import fc from 'fast-check'

/** The definition: over all pairs, 1 for a win, a half for a tie. */
function literal(scores: readonly number[], labels: readonly number[]): number {
  const of = (label: number) => scores.filter((_, index) => labels[index] === label)
  const [normal, anomalous] = [of(0), of(1)]
  const wins = anomalous.flatMap((a) => normal.map((n): number => (a > n ? 1 : a === n ? 0.5 : 0)))
  return wins.reduce((sum, win) => sum + win, 0) / wins.length
}

const samples = fc
  .array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 40 })
  .filter((pairs) => new Set(pairs.map(([, label]) => label)).size === 2)

describe('auroc', () => {
  test('by hand', () => {
    expect(auroc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1)
    expect(auroc([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0)
    expect(auroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75)
    expect(auroc([5, 5, 5], [0, 1, 0])).toBe(0.5)
    expect(auroc([-0, 0], [false, true])).toBe(0.5)
  })

  test('equals the definition over all pairs', () => {
    fc.assert(
      fc.property(samples, (pairs) => {
        const [scores, labels] = [pairs.map(([score]) => score), pairs.map(([, label]) => label)]
        expect(auroc(scores, labels)).toBeCloseTo(literal(scores, labels), 12)
        expect(auroc(Float32Array.from(scores), Uint8Array.from(labels))).toBeCloseTo(literal(scores, labels), 12)
      }),
    )
  })

  test('many float32 scores, negative ones among them, equal the same scores in float64', () => {
    const scores = Float32Array.from({ length: 20_000 }, (_, index) => Math.fround(Math.sin(index * index) * 1e3))
    const labels = Uint8Array.from(scores, (score, index) => (score > 200 || index % 7 === 0 ? 1 : 0))
    expect(auroc(scores, labels)).toBe(auroc(Float64Array.from(scores), labels))
  })

  test('does not collapse float64 scores that float32 cannot tell apart', () => {
    expect(auroc([1, 1 + 1e-12], [0, 1])).toBe(1)
  })

  test('is the same under a strictly increasing map and under order, and 1 - x when labels swap', () => {
    fc.assert(
      fc.property(samples, (pairs) => {
        const [scores, labels] = [pairs.map(([score]) => score), pairs.map(([, label]) => label)]
        const value = auroc(scores, labels)
        expect(
          auroc(
            scores.map((score) => Math.exp(score) - 7),
            labels,
          ),
        ).toBe(value)
        expect(auroc([...scores].reverse(), [...labels].reverse())).toBe(value)
        expect(
          auroc(
            scores,
            labels.map((label) => 1 - label),
          ),
        ).toBeCloseTo(1 - value, 12)
      }),
    )
  })

  test.each<[readonly number[], readonly number[], string, string]>([
    [[1, 2], [0, 0], 'UNDEFINED_RESULT', 'without anomalous samples, got 2 normal and 0 anomalous'],
    [[1, 2], [1, 1], 'UNDEFINED_RESULT', 'without normal samples'],
    [[], [], 'UNDEFINED_RESULT', 'got 0 normal and 0 anomalous'],
    [[1], [0, 1], 'INVALID_ARGUMENT', '1 scores and 2 labels'],
    [[1, 2], [0, 2], 'INVALID_ARGUMENT', 'labels must be 0 or 1, got 2 at 1'],
    [[1, NaN], [0, 1], 'NUMERICAL', 'got NaN at 1'],
    [[Infinity, 1], [0, 1], 'NUMERICAL', 'got Infinity at 0'],
  ])('refuses %j with %j', (scores, labels, code, message) => {
    expect(() => auroc(scores, labels)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
