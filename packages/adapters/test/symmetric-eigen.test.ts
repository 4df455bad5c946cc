import { describe, expect, test } from '@jest/globals'
import { symmetricEigen } from '../src/linear-algebra/symmetric-eigen.ts'

describe('eigenvalues and eigenvectors of a symmetric matrix', () => {
  test('by hand: [[2, 1], [1, 2]] stretches (1, 1) threefold, and leaves (1, -1)', async () => {
    const { values, vectors } = await symmetricEigen('test', Float64Array.of(2, 1, 1, 2), 2)
    expect([...values]).toEqual([expect.closeTo(3, 12), expect.closeTo(1, 12)])
    expect((vectors[0] as number) / (vectors[1] as number)).toBeCloseTo(1, 12)
    expect((vectors[2] as number) / (vectors[3] as number)).toBeCloseTo(-1, 12)
  })

  test.each([
    ['one number', [7], [7]],
    ['nothing but zeros', [0, 0, 0, 0], [0, 0]],
    ['a diagonal', [1, 0, 0, 0, 3, 0, 0, 0, 2], [3, 2, 1]],
  ])('%s', async (_, matrix, values) => {
    const found = await symmetricEigen('test', Float64Array.from(matrix), values.length)
    expect([...found.values]).toEqual(values)
  })
})
