import { describe, expect, test } from '@jest/globals'
import { kCenter } from '@tab/kernels'
import { tensor, type Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import fc from 'fast-check'

/** The definition in float64: the farthest point from all taken, the first among equals. */
function literal(points: Tensor, count: number, start: number): number[] {
  const [rows, dimension] = points.shape as [number, number]
  const distance = (a: number, b: number): number => {
    let sum = 0
    for (let d = 0; d < dimension; d++) {
      sum += ((points.data[a * dimension + d] as number) - (points.data[b * dimension + d] as number)) ** 2
    }
    return sum
  }
  const chosen = [start]
  while (chosen.length < count) {
    let [farthest, most] = [-1, 0]
    for (let row = 0; row < rows; row++) {
      const nearest = Math.min(...chosen.map((other) => distance(row, other)))
      if (nearest > most) [farthest, most] = [row, nearest]
    }
    // Copies of taken points only: the lowest rows not taken.
    chosen.push(
      farthest >= 0
        ? farthest
        : (Array.from({ length: rows }, (_, row) => row).find((row) => !chosen.includes(row)) ?? -1),
    )
  }
  return chosen
}

const options = { start: 0 }

describe('kCenter', () => {
  test('takes the ends of a line, then its middle', async () => {
    const line = tensor([5, 1], Float32Array.of(0, 1, 2, 3, 4))
    expect([...(await kCenter(line, 3, options))]).toEqual([0, 4, 2])
  })

  test('WebAssembly, TypeScript and the definition choose the same rows in the same order', async () => {
    // Whole numbers: every distance is exact in float32 and float64 alike, ties and copies included.
    const points = fc
      .record({ rows: fc.integer({ min: 1, max: 24 }), columns: fc.integer({ min: 1, max: 7 }) })
      .chain(({ rows, columns }) =>
        fc.record({
          points: fc
            .array(fc.integer({ min: -3, max: 3 }), { minLength: rows * columns, maxLength: rows * columns })
            .map((values) => tensor([rows, columns], Float32Array.from(values))),
          count: fc.integer({ min: 1, max: rows }),
          start: fc.integer({ min: 0, max: rows - 1 }),
        }),
      )
    await fc.assert(
      fc.asyncProperty(points, async ({ points, count, start }) => {
        const wanted = literal(points, count, start)
        expect([...(await kCenter(points, count, { start }))]).toEqual(wanted)
        expect([...(await kCenter(points, count, { start, typescript: true }))]).toEqual(wanted)
      }),
    )
  })

  test.each([
    ['clustered', 12],
    ['spread', 1],
  ])('the twins agree on many %s points', async (_, clusters) => {
    const noise = randomTensor('noise', [3000, 10])
    const centres = randomTensor('centres', [clusters, 10], -40, 40)
    const data = noise.data.map((value, index) => {
      const cluster = Math.floor(index / 10) % clusters
      return value + (clusters > 1 ? (centres.data[cluster * 10 + (index % 10)] as number) : 0)
    })
    const points = tensor([3000, 10], data)
    const fast = await kCenter(points, 150, { start: 7 })
    expect(new Set(fast).size).toBe(150)
    expect([...(await kCenter(points, 150, { start: 7, typescript: true }))]).toEqual([...fast])
    expect([...fast.slice(0, 25)]).toEqual(literal(points, 25, 7))
  })

  test('takes every row once when asked for all', async () => {
    const copies = tensor([6, 2], Float32Array.of(1, 1, 1, 1, 5, 5, 1, 1, 5, 5, 1, 1))
    expect([...(await kCenter(copies, 6, { start: 3 }))].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('refuses counts and starts out of range, and stops when asked', async () => {
    const points = randomTensor('points', [4, 2])
    await expect(kCenter(points, 5, options)).rejects.toThrow('count must be a whole number >= 1 and <= 4, got 5')
    await expect(kCenter(points, 1, { start: 4 })).rejects.toThrow('start must be')
    const many = randomTensor('many', [20_000, 32])
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 60)
    await expect(kCenter(many, 20_000, { start: 0, signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })

  test('progress says when plain TypeScript serves, so that nobody wonders at the time', async () => {
    const phases = async (typescript: boolean): Promise<string[]> => {
      const seen = new Set<string>()
      const onProgress = ({ phase }: { phase: string }): void => void seen.add(phase)
      await kCenter(randomTensor('points', [9, 2]), 3, { start: 0, typescript, onProgress })
      return [...seen]
    }
    expect(await phases(false)).toEqual(['coreset'])
    expect(await phases(true)).toEqual(['coreset in plain TypeScript'])
  })
})
