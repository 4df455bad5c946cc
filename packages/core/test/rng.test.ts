import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  createRng,
  deriveRng,
  randomGamma,
  randomInteger,
  randomNormal,
  randomUniform,
  sampleIndices,
  shuffle,
} from '@tab/core'
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

  test('refuses seeds that are no string and no whole number from 0', () => {
    for (const seed of [-1, 0.5, NaN, 2 ** 53, Infinity, null, undefined, true, {}]) {
      expect(() => createRng(seed as number)).toThrow('createRng: seed must be')
      expect(() => deriveRng(seed as number, 'a')).toThrow('deriveRng: seed must be')
      expect(() => deriveRng(1, 'a', seed as number)).toThrow('deriveRng: part 2 of the path must be')
    }
  })

  // Written down before strings got 128 bits: numbers keep their streams.
  test('a number gives the stream that it always gave', () => {
    expect(draws(0, 2)).toEqual([0.28806978761861235, 0.328818758164066])
    expect(draws(7, 2)).toEqual([0.8782525431605251, 0.23595620689697827])
    expect(draws(2 ** 53 - 1, 2)).toEqual([0.5596372666126475, 0.6377194182933488])
  })
})

/** xoshiro128** as its authors write it, on 64-bit integers, from a state of 16 bytes. */
function literalXoshiro(hash: string): number[] {
  const mask = 0xffffffffn
  const turn = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (32n - by))) & mask
  const bytes = Buffer.from(hash, 'hex')
  const s = [0, 4, 8, 12].map((at) => BigInt(bytes.readUInt32LE(at))) as [bigint, bigint, bigint, bigint]
  return Array.from({ length: 8 }, () => {
    const result = (turn((s[1] * 5n) & mask, 7n) * 9n) & mask
    const t = (s[1] << 9n) & mask
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = turn(s[3], 11n)
    return Number(result)
  })
}

describe('string seeds', () => {
  const golden = JSON.parse(readFileSync(new URL('golden/seed-hashes.json', import.meta.url), 'utf8')) as {
    text: string
    hash: string
  }[]

  test('the state is all 128 bits of SipHash-2-4 of the UTF-8 bytes, as published and as OpenSSL has it', () => {
    // vectors_sip128[0] and [15] of the reference implementation, typed in by hand
    expect(golden[0]).toEqual({ text: '', hash: 'a3817f04ba25a8e66df67214c7550293' })
    expect(golden[15]?.hash).toBe('5493e99933b0a8117e08ec0f97cfc3d9')
    for (const { text, hash } of golden) {
      const words = literalXoshiro(hash)
      const wanted = [0, 2, 4, 6].map(
        (at) => (((words[at] as number) >>> 5) * 2 ** 26 + ((words[at + 1] as number) >>> 6)) / 2 ** 53,
      )
      expect({ text, draws: draws(text, 4) }).toEqual({ text, draws: wanted })
    }
  })

  test('a million derived streams differ from their first number on', () => {
    const first = new Float64Array(1_000_000)
    const names = ['good', 'bolt', 'größe', '']
    for (let i = 0; i < first.length; i++) {
      first[i] = i % 2 === 0 ? deriveRng(i % 1000, Math.floor(i / 1000))() : deriveRng(7, names[i & 3] as string, i)()
    }
    first.sort()
    // By chance, two of a million 53-bit numbers are equal once in 18,000 such tests; of 32 bits, 116 pairs would be.
    let equal = 0
    for (let i = 1; i < first.length; i++) if (first[i] === first[i - 1]) equal++
    expect(equal).toBe(0)
  })

  test('one changed character changes every bit of the stream half of the time', () => {
    const seeds = 2000
    const flips = new Float64Array(53)
    for (let i = 0; i < seeds; i++) {
      const [left, right] = [BigInt(createRng(`seed ${i}`)() * 2 ** 53), BigInt(createRng(`seed ${i}~`)() * 2 ** 53)]
      for (let bit = 0; bit < 53; bit++)
        flips[bit] = (flips[bit] as number) + Number(((left ^ right) >> BigInt(bit)) & 1n)
    }
    // Binomial(2000, 1/2) has a standard deviation of 22.4; five of them.
    for (const count of flips) expect(Math.abs(count - seeds / 2)).toBeLessThan(112)
  })

  test('a number is not its digits, and no path is another one written differently', () => {
    expect(deriveRng(1, 'a', 5)()).toBe(deriveRng(1, 'a', 5)())
    const paths = [[1, 2], [1, 3], [1, '2'], ['1', 2], [12], [1], ['a/b'], ['a', 'b'], ['a/$1:b'], ['a/$b'], ['a', '', 'b'], ['a', 'b', '']] // prettier-ignore
    const made = paths.map(([seed, ...path]) => deriveRng(seed as string, ...path)())
    expect(new Set(made).size).toBe(paths.length)
  })

  test('surrogates without a partner are neither each other nor the replacement character', () => {
    const made = ['\ud800', '\ud801', '\udc00', '\ufffd', '\ud800\udc00', '\udc00\ud800', '?'].map((text) =>
      createRng(text)(),
    )
    expect(new Set(made).size).toBe(made.length)
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

  test('wide whole numbers are as likely in every part of their range', () => {
    // 3 * 2^51 values: of 2^53 draws cut to them by a product, every third value would come twice as often.
    const rng = createRng(4)
    const thirds = [0, 0, 0]
    for (let i = 0; i < 30_000; i++) {
      const value = randomInteger(rng, -1, 3 * 2 ** 51 - 2)
      const rest = ((value % 3) + 3) % 3
      thirds[rest] = (thirds[rest] as number) + 1
    }
    for (const count of thirds) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 82)
    expect(randomInteger(() => 1 - 2 ** -53, 0, 2 ** 53 - 1)).toBe(2 ** 53 - 1)
  })

  test.each<[string, () => unknown, string]>([
    [
      'a half',
      () => randomInteger(createRng(1), 0, 1.5),
      'whole numbers in order that span at most 2^53 values, got 0 and 1.5',
    ],
    ['NaN', () => randomInteger(createRng(1), NaN, 3), 'got NaN and 3'],
    ['no values', () => randomInteger(createRng(1), 2, 1), 'got 2 and 1'],
    ['too many values', () => randomInteger(createRng(1), -1, 2 ** 53 - 1), 'got -1 and 9007199254740991'],
    ['a missing end', () => randomInteger(createRng(1), 1, undefined as never), 'got 1 and undefined'],
    ['NaN as an end', () => randomUniform(createRng(1), NaN, 1), 'finite numbers in order, got NaN and 1'],
    ['an endless range', () => randomUniform(createRng(1), 0, Infinity), 'got 0 and Infinity'],
    ['ends too far apart', () => randomUniform(createRng(1), -1e308, 1e308), 'finite numbers in order'],
    ['ends the wrong way round', () => randomUniform(createRng(1), 1, 0), 'got 1 and 0'],
    ['a shape of 0', () => randomGamma(createRng(1), 0, 1), 'shape must be a finite number > 0, got 0'],
    ['a scale of NaN', () => randomGamma(createRng(1), 1, NaN), 'scale must be a finite number > 0, got NaN'],
    ['a generator that gives NaN', () => randomGamma(() => NaN, 2, 1), 'rng must give numbers in [0,1), got NaN'],
    ['a generator that gives 1', () => randomInteger(() => 1, 0, 3), 'rng must give numbers in [0,1), got 1'],
    ['items that are none', () => shuffle(createRng(1), undefined as never), 'items must be an array, got undefined'],
    ['a negative count', () => sampleIndices(createRng(1), 3, -1), 'count must be a whole number >= 0, got -1'],
    ['half a count', () => sampleIndices(createRng(1), 3, 1.5), 'count must be a whole number >= 0, got 1.5'],
    ['a count of NaN', () => sampleIndices(createRng(1), 3, NaN), 'count must be a whole number >= 0, got NaN'],
    ['half a population', () => sampleIndices(createRng(1), 2.5, 1), 'population must be a whole number >= 0'],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message)
    expect(act).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
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
