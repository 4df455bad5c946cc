import { describe, expect, test } from '@jest/globals'
import { portableMath } from '@tab/core'
import fc from 'fast-check'

const relative = (actual: number, expected: number): number =>
  Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-300)
const double = (min: number, max: number) => fc.double({ min, max, noNaN: true })

describe('portable elementary functions agree with the platform', () => {
  test('log', () => {
    fc.assert(
      fc.property(double(1e-300, 1e300), (x) => {
        expect(Math.abs(portableMath.log(x) - Math.log(x))).toBeLessThan(1e-15 * Math.max(1, Math.abs(Math.log(x))))
      }),
    )
    expect(portableMath.log(0)).toBe(-Infinity)
    expect(portableMath.log(-1)).toBeNaN()
    expect(portableMath.log(1)).toBe(0)
  })
  test('exp', () => {
    fc.assert(
      fc.property(double(-700, 700), (x) => {
        expect(relative(portableMath.exp(x), Math.exp(x))).toBeLessThan(2e-15)
      }),
    )
    expect(portableMath.exp(0)).toBe(1)
    expect(portableMath.exp(-1000)).toBe(0)
    expect(portableMath.exp(1000)).toBe(Infinity)
  })
  test('sin and cos', () => {
    fc.assert(
      fc.property(double(-1e4, 1e4), (x) => {
        expect(Math.abs(portableMath.sin(x) - Math.sin(x))).toBeLessThan(1e-12)
        expect(Math.abs(portableMath.cos(x) - Math.cos(x))).toBeLessThan(1e-12)
      }),
    )
    expect(portableMath.sin(0)).toBe(0)
    expect(portableMath.cos(0)).toBe(1)
  })
  test('pow', () => {
    fc.assert(
      fc.property(double(1e-3, 1e3), double(-20, 20), (base, exponent) => {
        expect(relative(portableMath.pow(base, exponent), base ** exponent)).toBeLessThan(1e-13)
      }),
    )
    expect(portableMath.pow(0, 2)).toBe(0)
    expect(portableMath.pow(5, 0)).toBe(1)
  })
})
