import { describe, expect, test } from '@jest/globals'
import { createDriftMonitor } from '@tab/adapters'
import { createRng, randomNormal, type Rng } from '@tab/core'
import fc from 'fast-check'
import { simpleJumper } from '../../src/drift/simple-jumper.ts'

const calibrated = (rng: Rng, count: number, threshold: number) => {
  const scores = Float64Array.from({ length: count }, () => randomNormal(rng)).sort()
  return { scores, threshold }
}

describe('the betting game', () => {
  test('is worked by hand: p-values 0.1 and 0.3', () => {
    const game = simpleJumper()
    expect(game.value).toBeCloseTo(1, 12)
    game.bet(0.1) // thirds times 1.4, 1, 0.6
    expect(game.value).toBeCloseTo(1, 12)
    game.bet(0.3)
    const third = 1 / 3
    const [small, none, large] = [1.4 * third, third, 0.6 * third].map((one) => 0.99 * one + 0.01 * third) as [
      number,
      number,
      number,
    ]
    expect(game.value).toBeCloseTo(small * 1.2 + none + large * 0.8, 12)
  })

  test('is fair: its mean over a uniform p-value is what it was', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (past) => {
        const steps = 200
        const before = simpleJumper()
        past.forEach((p) => before.bet(p))
        let mean = 0
        for (let step = 0; step < steps; step++) {
          const game = simpleJumper()
          past.forEach((p) => game.bet(p))
          game.bet((step + 0.5) / steps)
          mean += game.value / steps
        }
        expect(mean / before.value).toBeCloseTo(1, 10)
      }),
      { numRuns: 30 },
    )
  })

  test('stays a number, however long it wins', () => {
    const game = simpleJumper()
    for (let step = 0; step < 5000; step++) game.bet(0)
    expect(game.value).toBeGreaterThan(1e100)
    expect(Number.isFinite(game.value)).toBe(true)
  })
})

describe('the drift monitor', () => {
  test('raises the alarm in at most the stated share of lines where nothing changes', () => {
    const rng = createRng(1)
    const lines = 400
    let alarms = 0
    for (let line = 0; line < lines; line++) {
      const monitor = createDriftMonitor(calibrated(rng, 30, 1.6), { falseAlarmRate: 0.1, seed: line })
      for (let part = 0; part < 200; part++) monitor.add(randomNormal(rng))
      if (monitor.hasDrifted) alarms += 1
    }
    // A binomial of 0.1 in 400 is above 58 once in a thousand times.
    expect(alarms).toBeLessThanOrEqual(58)
    expect(alarms).toBeGreaterThan(0) // else it may be that it never does
  })

  test.each([0.7, -0.7])('finds a shift of %d deviations that comes late', (shift) => {
    const rng = createRng(2)
    let found = 0
    for (let line = 0; line < 20; line++) {
      const monitor = createDriftMonitor(calibrated(rng, 50, 4), { falseAlarmRate: 0.001, seed: line })
      for (let part = 0; part < 200; part++) monitor.add(randomNormal(rng))
      for (let part = 0; part < 300; part++) monitor.add(shift + randomNormal(rng))
      if (monitor.hasDrifted) found += 1
    }
    expect(found).toBeGreaterThanOrEqual(19)
  })

  test('is about parts that pass: defects change nothing, and ties are no evidence', () => {
    const equal = createDriftMonitor({ scores: new Float64Array(20).fill(1), threshold: 1 })
    for (let part = 0; part < 500; part++) equal.add(1)
    for (let part = 0; part < 500; part++) equal.add(9)
    expect(equal).toMatchObject({ seen: 500, hasDrifted: false })
    expect(equal.evidence).toBeLessThan(100)
  })

  test('stays with its alarm, and with its seed', () => {
    const run = (): number[] => {
      const monitor = createDriftMonitor(calibrated(createRng(3), 30, 5), { seed: 7 })
      const evidence: number[] = []
      for (let part = 0; part < 60; part++) evidence.push(monitor.add(2).evidence)
      expect(monitor.hasDrifted).toBe(true)
      for (let part = 0; part < 2000; part++) monitor.add(((part * 7919) % 1000) / 500 - 1)
      expect(monitor.hasDrifted).toBe(true)
      return evidence
    }
    expect(run()).toEqual(run())
  })

  test.each([
    [{ falseAlarmRate: 0 }, /falseAlarmRate/],
    [{ falseAlarmRate: 1 }, /falseAlarmRate/],
    [{ falseAlarmRate: NaN }, /falseAlarmRate/],
    [{ threshold: -100 }, /at or below the threshold -100/],
  ])('%j is refused', (options, message) => {
    expect(() => createDriftMonitor(calibrated(createRng(4), 10, 1), options)).toThrow(message)
  })

  test('a score that is not finite is refused', () => {
    const monitor = createDriftMonitor(calibrated(createRng(5), 10, 1))
    expect(() => monitor.add(NaN)).toThrow(/finite score/)
    expect(monitor.seen).toBe(0)
  })
})
