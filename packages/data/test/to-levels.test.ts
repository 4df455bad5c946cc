import { expect, test } from '@jest/globals'
import { toLevels } from '@tab/data'

test('toLevels gives the nearest levels', () => {
  const values = Float32Array.of(0, 1, 0.5, 1 / 255, 2.4 / 255, 2.6 / 255)
  expect([...toLevels(values)]).toEqual([0, 255, 128, 1, 2, 3])
})

test.each([-0.2, 1.7, 255, Infinity, -Infinity, NaN])('toLevels refuses %d', (value) => {
  expect(() => toLevels(Float32Array.of(0, value))).toThrow(
    `toLevels: image values must be in [0,1], got ${Math.fround(value)} at element 1`,
  )
})

test('every level comes back from the value it stands for', () => {
  const levels = Array.from({ length: 256 }, (_, level) => level)
  expect([...toLevels(Float32Array.from(levels, (level) => level / 255))]).toEqual(levels)
})
