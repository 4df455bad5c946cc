import { describe, expect, test } from '@jest/globals'
import { createRng, deriveRng, randomGamma, randomInteger, randomNormal, sampleIndices, shuffle } from '@tab/core'
import fc from 'fast-check'

const draws = (seed: number | string, count: number): number[] => {
  const rng = createRng(seed)
  return Array.from({ length: count }, rng)
}
const moments = (values: readonly number[]): [number, number] => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length]
}

describe('createRng', () => {
  test('same seed, same numbers; another seed, others', () => {
    expect(draws(7, 5)).toEqual(draws(7, 5))
    expect(draws(7, 5)).not.toEqual(draws(8, 5))
    expect(draws('a', 5)).not.toEqual(draws('b', 5))
    expect(draws(2 ** 32 + 7, 5)).not.toEqual(draws(7, 5))
  })

  test('numbers are uniform on [0,1)', () => {
    const values = draws(1, 100_000)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    const [mean, variance] = moments(values)
    expect(mean).toBeCloseTo(0.5, 2)
    expect(variance).toBeCloseTo(1 / 12, 2)
  })

  test('refuses seeds that are no whole number from 0', () => {
    for (const seed of [-1, 0.5, NaN, 2 ** 53]) expect(() => createRng(seed)).toThrow('createRng: seed must be')
  })

  test('streams derived from one seed are unrelated, and a number is not its digits', () => {
    expect(deriveRng(1, 2)()).not.toBe(deriveRng(1, 3)())
    expect(deriveRng(1, 2)()).not.toBe(deriveRng(1, '2')())
    expect(deriveRng(1, 'a', 5)()).toBe(deriveRng(1, 'a', 5)())
  })
})

describe('distributions', () => {
  test('normal numbers have mean 0 and variance 1', () => {
    const rng = createRng(5)
    const [mean, variance] = moments(Array.from({ length: 100_000 }, () => randomNormal(rng)))
    expect(mean).toBeCloseTo(0, 1)
    expect(variance).toBeCloseTo(1, 1)
  })

  test.each([
    [2, 0.07],
    [0.5, 3],
  ])('Gamma(%d, %d) has mean shape*scale and variance shape*scale^2', (shape, scale) => {
    const rng = createRng(6)
    const [mean, variance] = moments(Array.from({ length: 200_000 }, () => randomGamma(rng, shape, scale)))
    expect(mean / (shape * scale)).toBeCloseTo(1, 1)
    expect(variance / (shape * scale * scale)).toBeCloseTo(1, 1)
  })

  test('whole numbers reach both ends', () => {
    const rng = createRng(9)
    expect(new Set(Array.from({ length: 200 }, () => randomInteger(rng, -1, 2)))).toEqual(new Set([-1, 0, 1, 2]))
  })

  test('shuffle keeps the items, sampleIndices gives different ones in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer()),
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (items, seed, share) => {
          expect(shuffle(createRng(seed), items).sort()).toEqual([...items].sort())
          const count = Math.floor(share * items.length)
          const indices = sampleIndices(createRng(seed), items.length, count)
          expect(new Set(indices).size).toBe(count)
          expect(indices).toEqual([...indices].sort((left, right) => left - right))
          expect(indices.every((index) => index >= 0 && index < items.length)).toBe(true)
        },
      ),
    )
    expect(() => sampleIndices(createRng(1), 3, 4)).toThrow('count must be at most 3, got 4')
  })
})
