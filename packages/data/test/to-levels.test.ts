import { expect, test } from '@jest/globals'
import { toLevels } from '@tab/data'

test('toLevels gives the nearest levels, and the ends beyond the range', () => {
  const values = Float32Array.of(0, 1, 0.5, 1 / 255, 2.4 / 255, 2.6 / 255, -0.2, 1.7, Infinity, -Infinity, NaN)
  expect([...toLevels(values)]).toEqual([0, 255, 128, 1, 2, 3, 0, 255, 255, 0, 0])
})

test('every level comes back from the value it stands for', () => {
  const levels = Array.from({ length: 256 }, (_, level) => level)
  expect([...toLevels(Float32Array.from(levels, (level) => level / 255))]).toEqual(levels)
})
