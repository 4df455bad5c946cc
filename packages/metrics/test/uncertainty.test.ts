import { describe, expect, test } from '@jest/globals'
import { auroc, bootstrap, delongAuroc, delongTest, pairedBootstrap } from '@tab/metrics'
import { createRng, randomNormal } from '@tab/core'

/** `count` samples, every third anomalous, scored with two independent noises. */
function models(count: number, strengthA: number, strengthB: number, seed: string) {
  const rng = createRng(seed)
  const labels = Array.from({ length: count }, (_, index) => (index % 3 === 0 ? 1 : 0))
  const scored = (strength: number): number[] => labels.map((label) => randomNormal(rng) + strength * label)
  return { labels, a: scored(strengthA), b: scored(strengthB) }
}

const pick = (values: readonly number[], sample: Uint32Array): number[] =>
  Array.from(sample, (index) => values[index] as number)

describe('delongTest', () => {
  test('a model against itself: no difference, p = 1', () => {
    const { labels, a } = models(60, 1, 1, 'self')
    expect(delongTest(a, a, labels)).toMatchObject({ difference: 0, standardError: 0, z: 0, pValue: 1 })
  })

  test('swapping the models turns the sign and keeps p', () => {
    const { labels, a, b } = models(90, 2, 0.5, 'swap')
    const [ab, ba] = [delongTest(a, b, labels), delongTest(b, a, labels)]
    expect(ba.difference).toBe(-ab.difference)
    expect(ba.pValue).toBe(ab.pValue)
    expect(ba.interval[0]).toBeCloseTo(-ab.interval[1], 14)
  })

  test('rejects a true hypothesis about as often as it says', () => {
    let rejected = 0
    for (let trial = 0; trial < 400; trial++) {
      const { labels, a, b } = models(150, 1, 1, `trial ${trial}`)
      if (delongTest(a, b, labels).pValue < 0.05) rejected++
    }
    // 20 expected, standard deviation 4.4
    expect(rejected).toBeGreaterThan(7)
    expect(rejected).toBeLessThan(36)
  })

  test('refuses what has no variance to be judged by', () => {
    expect(() => delongTest([1, 2, 3, 4], [4, 3, 2, 1], [0, 0, 1, 1])).toThrow('cannot be tested; use a bootstrap')
    expect(() => delongAuroc([1, 2, 3], [0, 1, 1])).toThrow('fewer than two samples of a class, got 1 normal and 2')
    expect(() => delongAuroc([1, 2, 3, 4], [0, 0, 1, 1], { confidence: 95 })).toThrow('confidence must be')
  })
})

describe('bootstrap', () => {
  const { labels, a, b } = models(120, 2, 0.5, 'bootstrap')
  const ofA = (sample: Uint32Array): number => auroc(pick(a, sample), pick(labels, sample))
  const ofB = (sample: Uint32Array): number => auroc(pick(b, sample), pick(labels, sample))

  test('agrees with DeLong on the standard error and the interval of an AUROC', async () => {
    const { estimate, standardError, interval } = await bootstrap(labels, ofA, { seed: 1 })
    const delong = delongAuroc(a, labels)
    expect(estimate).toBe(delong.auroc)
    expect(Math.abs(standardError / delong.standardError - 1)).toBeLessThan(0.1)
    expect(Math.abs(interval[0] - delong.interval[0])).toBeLessThan(0.02)
    expect(Math.abs(interval[1] - delong.interval[1])).toBeLessThan(0.02)
  })

  test('a seed gives the same interval again, another seed another one', async () => {
    const [first, again, other] = await Promise.all(
      [5, 5, 6].map((seed) => bootstrap(labels, ofA, { seed, resamples: 100 })),
    )
    expect(again).toEqual(first)
    expect(other?.interval).not.toEqual(first?.interval)
  })

  test('every resample keeps the size of each stratum', async () => {
    const sizes = new Set<string>()
    await bootstrap(
      ['x', 'y', 'y', 'z', 'y'],
      (sample) => {
        const drawn = [...sample].map((index) => 'xyyzy'[index])
        sizes.add(['x', 'y', 'z'].map((name) => drawn.filter((stratum) => stratum === name).length).join())
        return 0
      },
      { seed: 0, resamples: 50 },
    )
    expect([...sizes]).toEqual(['1,3,1'])
  })

  test('tells a better model from a worse one, and a model not from itself', async () => {
    const better = await pairedBootstrap(labels, ofA, ofB, { seed: 2, resamples: 500 })
    expect(better.difference).toBeCloseTo(auroc(a, labels) - auroc(b, labels), 14)
    // DeLong's p is 0.010; of 500 resamples, each on the other side counts for 0.004.
    expect(Math.abs(better.pValue - delongTest(a, b, labels).pValue)).toBeLessThan(0.015)
    expect(better.interval[0]).toBeGreaterThan(0)
    const same = await pairedBootstrap(labels, ofA, ofA, { seed: 2, resamples: 100 })
    expect(same).toMatchObject({ difference: 0, interval: [0, 0], pValue: 1 })
  })

  test('can be stopped, and says how far it is', async () => {
    const controller = new AbortController()
    const slow = (sample: Uint32Array): number => {
      for (const until = performance.now() + 5; performance.now() < until;);
      return sample.length
    }
    const seen: number[] = []
    const running = bootstrap(labels, slow, {
      seed: 0,
      signal: controller.signal,
      onProgress: ({ done }) => {
        seen.push(done)
        controller.abort()
      },
    })
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
    expect(seen).toHaveLength(1)
  })

  test('passes on what the metric throws, and refuses an empty set', async () => {
    await expect(
      bootstrap(
        [0, 0],
        () => {
          throw new Error('of the metric')
        },
        { seed: 0 },
      ),
    ).rejects.toThrow('of the metric')
    await expect(bootstrap([], () => 0, { seed: 0 })).rejects.toThrow('undefined without samples')
    await expect(bootstrap([0], () => 0, { seed: 0, resamples: 0 })).rejects.toThrow('resamples must be')
  })
})
