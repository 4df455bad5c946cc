import { describe, expect, test } from '@jest/globals'
import { cholesky } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import fc from 'fast-check'
import { lowRankWhiteningOf, whiteningOf } from '@tab/kernels'

/** d I + F^T F / rows, row by row. */
function covarianceOf(dimension: number, rows: number, seed: string): Float32Array {
  const factors = randomTensor(seed, [rows, dimension], -1, 1).data
  return Float32Array.from({ length: dimension * dimension }, (_, at) => {
    const [i, j] = [Math.floor(at / dimension), at % dimension]
    let sum = i === j ? 0.01 : 0
    for (let row = 0; row < rows; row++) {
      sum += ((factors[row * dimension + i] as number) * (factors[row * dimension + j] as number)) / rows
    }
    return sum
  })
}

describe('whitening', () => {
  test('by hand: [[4,2],[2,5]] = L L^T with L = [[2,0],[1,2]], so (L^-1)^T = [[1/2,-1/4],[0,1/2]]', async () => {
    for (const typescript of [false, true]) {
      const target = new Float32Array(4).fill(9)
      const whiten = await whiteningOf(2, typescript)
      whiten(Float32Array.of(4, 2, 2, 5), target, 0)
      expect([...target]).toEqual([0.5, -0.25, 0, 0.5])
    }
  })

  test('the kernel and TypeScript give the same bits, one matrix after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 30 }), async (dimension, rows) => {
        const [kernel, twin] = [await whiteningOf(dimension), await whiteningOf(dimension, true)]
        for (const seed of ['a', 'b']) {
          const covariance = covarianceOf(dimension, rows, seed)
          const [fast, slow] = [new Float32Array(covariance.length), new Float32Array(covariance.length)]
          kernel(covariance, fast, 0)
          twin(covariance, slow, 0)
          expect(fast).toEqual(slow)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('in the low-rank form too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 23 }), async (rank, dimension) => {
        const kernel = await lowRankWhiteningOf(rank, dimension, 0.3)
        const twin = await lowRankWhiteningOf(rank, dimension, 0.3, true)
        for (const seed of ['a', 'b']) {
          const factors = randomTensor(seed, [rank, dimension], -2, 2).data
          const [fast, slow] = [kernel, twin].map((whiten) => {
            const [project, expand] = [new Float32Array(factors.length), new Float32Array(factors.length)]
            whiten(factors, project, expand, 0)
            return [project, expand]
          })
          expect(fast).toEqual(slow)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('W^T covariance W is the identity at 100 dimensions with eigenvalues 200 times apart', async () => {
    const covariance = covarianceOf(100, 150, 'large')
    const whitening = new Float32Array(covariance.length)
    const whiten = await whiteningOf(100)
    whiten(covariance, whitening, 0)
    const entry = (matrix: Float32Array, i: number, j: number): number => matrix[i * 100 + j] as number
    for (const column of [0, 37, 99]) {
      const product = Array.from({ length: 100 }, (_, i) => {
        let sum = 0
        for (let k = 0; k < 100; k++) sum += entry(covariance, i, k) * entry(whitening, k, column)
        return sum
      })
      for (let j = 0; j < 100; j++) {
        let sum = 0
        for (let i = 0; i < 100; i++) sum += entry(whitening, i, j) * (product[i] as number)
        expect(Math.abs(sum - (j === column ? 1 : 0))).toBeLessThan(1e-5)
      }
    }
  })

  test('both refuse what is not positive definite, with the same words as the reference', async () => {
    const indefinite = Float32Array.of(1, 2, 0, 2, 1, 0, 0, 0, 1)
    expect(() => cholesky(indefinite, 3, 0, 7)).toThrow('pivot -3 in row 1 of position 7')
    for (const typescript of [false, true]) {
      const whiten = await whiteningOf(3, typescript)
      expect(() => whiten(indefinite, new Float32Array(9), 7)).toThrow('pivot -3 in row 1 of position 7')
      expect(() =>
        whiten(
          Float32Array.from(indefinite, () => NaN),
          new Float32Array(9),
          0,
        ),
      ).toThrow('pivot NaN in row 0')
    }
  })
})
