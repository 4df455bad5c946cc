import { describe, expect, test } from '@jest/globals'
import { createRng } from '@tab/core'
import fc from 'fast-check'
import { symmetricEigen } from '../src/adapt/symmetric-eigen.ts'

/** A A^T of random numbers, of a rank that may be below n. */
function symmetric(n: number, rank: number, seed: number): Float64Array {
  const rng = createRng(seed)
  const factors = Array.from({ length: n }, () => Array.from({ length: rank }, () => rng() - 0.5))
  return Float64Array.from({ length: n * n }, (_, index) => {
    const [a, b] = [factors[Math.floor(index / n)] as number[], factors[index % n] as number[]]
    return a.reduce((sum, value, place) => sum + value * (b[place] as number), 0)
  })
}

describe('eigenvalues and eigenvectors of a symmetric matrix', () => {
  test('by hand: [[2, 1], [1, 2]] stretches (1, 1) threefold, and leaves (1, -1)', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2)
    expect([...values]).toEqual([expect.closeTo(3, 12), expect.closeTo(1, 12)])
    expect((vectors[0] as number) / (vectors[1] as number)).toBeCloseTo(1, 12)
    expect((vectors[2] as number) / (vectors[3] as number)).toBeCloseTo(-1, 12)
  })

  test.each([
    ['one number', [7], [7]],
    ['nothing but zeros', [0, 0, 0, 0], [0, 0]],
    ['a diagonal', [1, 0, 0, 0, 3, 0, 0, 0, 2], [3, 2, 1]],
  ])('%s', (_, matrix, values) => {
    expect([...symmetricEigen(Float64Array.from(matrix), values.length).values]).toEqual(values)
  })

  test('rows are orthonormal, descending, and make the matrix again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 30 }), fc.nat(1e6), (n, rank, seed) => {
        const matrix = symmetric(n, rank, seed)
        const { values, vectors } = symmetricEigen(matrix, n)
        const row = (index: number) => vectors.subarray(index * n, (index + 1) * n)
        const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)
        let error = 0
        for (let i = 0; i < n; i++) {
          if (i > 0) error = Math.max(error, (values[i] as number) - (values[i - 1] as number))
          for (let j = 0; j < n; j++) {
            const again = values.map((value, k) => value * (row(k)[i] as number) * (row(k)[j] as number))
            const sum = again.reduce((total, part) => total + part, 0)
            error = Math.max(error, Math.abs(dot(row(i), row(j)) - Number(i === j)))
            error = Math.max(error, Math.abs(sum - (matrix[i * n + j] as number)))
          }
        }
        expect(error).toBeLessThan(1e-10)
      }),
      { numRuns: 40 },
    )
  })
})
