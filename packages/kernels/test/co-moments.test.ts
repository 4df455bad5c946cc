import { describe, expect, test } from '@jest/globals'
import { randomTensor } from '@tab/core/testing'
import fc from 'fast-check'
import { coMomentsOf } from '@tab/kernels'

/** Means and packed lower triangle of rows given `given` at a time and taken in blocks of `size`. */
async function merged(rows: readonly Float32Array[], size: number, typescript: boolean, given = rows.length) {
  const dimension = rows[0]?.length as number
  const merge = await coMomentsOf(dimension, size, typescript)
  const [means, moments] = [new Float64Array(dimension), new Float64Array((dimension * (dimension + 1)) / 2)]
  for (let start = 0; start < rows.length; start += given) {
    merge(rows.slice(start, start + given), start, means, moments)
  }
  return { means, moments }
}

const rowsOf = (count: number, dimension: number, centre: number): Float32Array[] => {
  const { data } = randomTensor('rows', [count, dimension], centre - 1, centre + 1)
  return Array.from({ length: count }, (_, row) => data.slice(row * dimension, (row + 1) * dimension))
}

describe('co-moments', () => {
  test('by hand: rows (1,2), (3,6), (5,1) have means (3,3) and co-moments 8, -2, 14, in any blocks', async () => {
    const rows = [Float32Array.of(1, 2), Float32Array.of(3, 6), Float32Array.of(5, 1)]
    for (const typescript of [false, true]) {
      const { means, moments } = await merged(rows, 3, typescript)
      expect([...means]).toEqual([3, 3])
      expect([...moments]).toEqual([8, -2, 14])
      const pieces = (await merged(rows, 1, typescript)).moments
      ;[8, -2, 14].forEach((value, at) => expect(pieces[at]).toBeCloseTo(value, 5))
    }
  })

  test('the kernel and TypeScript give the same bits', async () => {
    const shapes = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      dimension: fc.integer({ min: 1, max: 27 }),
      size: fc.integer({ min: 1, max: 63 }),
    })
    await fc.assert(
      fc.asyncProperty(shapes, async ({ count, dimension, size }) => {
        const rows = rowsOf(count, dimension, 3)
        const result = await merged(rows, size, false)
        expect(await merged(rows, size, true)).toEqual(result)
        expect(await merged(rows, size, false, 2 * size)).toEqual(result)
      }),
      { numRuns: 40 },
    )
  })

  test.each([0, 1000])('equals the two-pass sums in float64 to 1e-5 of its scale around %d', async (centre) => {
    const rows = rowsOf(200, 30, centre)
    const { moments } = await merged(rows, 63, false)
    const mean = Array.from({ length: 30 }, (_, d) => rows.reduce((sum, row) => sum + (row[d] as number), 0) / 200)
    const sum = (i: number, j: number): number =>
      rows.reduce(
        (total, row) => total + ((row[i] as number) - (mean[i] as number)) * ((row[j] as number) - (mean[j] as number)),
        0,
      )
    for (let i = 0; i < 30; i++) {
      for (let j = 0; j <= i; j++) {
        const error = Math.abs((moments[(i * (i + 1)) / 2 + j] as number) - sum(i, j))
        expect(error).toBeLessThan(1e-5 * Math.sqrt(sum(i, i) * sum(j, j)))
      }
    }
  })
})
