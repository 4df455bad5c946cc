import { describe, expect, test } from '@jest/globals'
import {
  assertKnownKeys,
  assertTensor,
  checkNumber,
  isTabError,
  sha256,
  TabError,
  tensor,
  tensorOf,
  throwIfAborted,
} from '@tab/core'

describe('TabError', () => {
  test('says where, what was expected, what came, and keeps them as fields', () => {
    const error = new TabError('INVALID_ARGUMENT', { where: 'f', expected: 'x must be 1', actual: '2' })
    expect(error.message).toBe('f: x must be 1, got 2')
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', where: 'f', expected: 'x must be 1', actual: '2' })
  })

  test('is recognised by its marker, not by its class', () => {
    const foreign = Object.assign(new Error('other copy of core'), { code: 'ABORTED', [Symbol.for('tab.error')]: true })
    expect(isTabError(foreign)).toBe(true)
    expect(isTabError(foreign, 'ABORTED')).toBe(true)
    expect(isTabError(foreign, 'DISPOSED')).toBe(false)
    for (const other of [new Error('x'), null, 'ABORTED', undefined]) expect(isTabError(other)).toBe(false)
  })
})

describe('checks', () => {
  test('a tensor knows its size', () => {
    expect(() => tensor([2, 2], new Float32Array(3))).toThrow('tensor: [2,2] needs 4 elements, got 3')
    expect(() => tensor([-1], new Float32Array(1))).toThrow('whole numbers >= 0, got [-1]')
  })

  test('assertTensor names the argument, the pattern and what came', () => {
    const image = tensor([2, 2, 3], new Float32Array(12))
    expect(() => assertTensor('predict', 'images', image, ['N', 'H', 'W', 3])).toThrow(
      'predict: images must be float32 [N,H,W,3], got [2,2,3]',
    )
    expect(() => assertTensor('f', 'mask', tensorOf('uint8', [1], Uint8Array.of(1)), [1])).toThrow('got uint8 [1]')
    expect(() => assertTensor('f', 'x', null as never, [1])).toThrow('got null')
    expect(() => assertTensor('f', 'x', { ...image, data: new Float32Array(1) }, [2, 2, 3])).toThrow(
      '12 elements, got 1',
    )
  })

  test('checkNumber states the bounds', () => {
    expect(checkNumber('f', 'k', 3, { integer: true, minimum: 1, maximum: 3 })).toBe(3)
    expect(() => checkNumber('f', 'k', 4, { integer: true, minimum: 1, maximum: 3 })).toThrow(
      'f: k must be a whole number >= 1 and <= 3, got 4',
    )
    expect(() => checkNumber('f', 'ratio', 0, { above: 0, maximum: 1 })).toThrow('> 0 and <= 1, got 0')
    for (const value of [NaN, Infinity, '3' as never])
      expect(() => checkNumber('f', 'k', value)).toThrow('a finite number')
  })

  test('assertKnownKeys names the typo', () => {
    expect(() => assertKnownKeys('load', { ratio: 1, ration: 2 }, ['ratio'])).toThrow(
      'load: keys among ratio, got ration',
    )
  })

  test('throwIfAborted passes the reason on', () => {
    expect(() => throwIfAborted('fit', undefined)).not.toThrow()
    const reason = new Error('enough')
    try {
      throwIfAborted('fit', AbortSignal.abort(reason))
      throw new Error('not reached')
    } catch (error) {
      expect(error).toMatchObject({ code: 'ABORTED', cause: reason })
    }
  })

  test('sha256 of "abc" (FIPS 180-4)', async () => {
    expect(await sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
})
