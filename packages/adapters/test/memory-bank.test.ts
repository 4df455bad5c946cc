import { describe, expect, test } from '@jest/globals'
import { kCenter } from '@tab/kernels'
import { createRng, randomInteger, referenceBackend, tensor, tensorOf, type Tensor } from '@tab/core'
import { ensureIdentical, randomTensor, sliceBatch } from '@tab/core/testing'
import fc from 'fast-check'
import { memoryBankBuilder, type MemoryBank } from '../src/patchcore/memory-bank.ts'

/** Rows of 8 values take 4 (2 * 8 + 3 * 8 + 8) bytes by the formula of the README. */
const ROW_BYTES = 192

const settings = { coresetRatio: null, coresetSize: 20, projectionDimension: 128, memoryLimit: null, seed: 0 }

async function build(points: Tensor, batch: number, more: object, base?: MemoryBank): Promise<MemoryBank> {
  const builder = memoryBankBuilder('test', referenceBackend(), { ...settings, ...more }, {}, base)
  const count = points.shape[0] as number
  for (let start = 0; start < count; start += batch)
    await builder.add(batchOf(sliceBatch(points, start, Math.min(count, start + batch))))
  return builder.finish()
}

/** Patches of which nothing is known but what they are like. */
function batchOf(patches: Tensor): Parameters<ReturnType<typeof memoryBankBuilder>['add']>[0] {
  const count = patches.shape[0] as number
  const origins = tensorOf('int32', [count, 3], new Int32Array(count * 3).fill(-1))
  return { patches, origins, places: new Int32Array(count), grid: [1, 1] }
}

/** The largest distance of a point to its nearest centre. */
function coveringRadius(points: Tensor, centres: Tensor): number {
  const dimension = points.shape[1] as number
  let radius = 0
  for (let point = 0; point < (points.shape[0] as number); point++) {
    let nearest = Infinity
    for (let centre = 0; centre < (centres.shape[0] as number); centre++) {
      let sum = 0
      for (let d = 0; d < dimension; d++) {
        sum += ((points.data[point * dimension + d] as number) - (centres.data[centre * dimension + d] as number)) ** 2
      }
      nearest = Math.min(nearest, sum)
    }
    radius = Math.max(radius, Math.sqrt(nearest))
  }
  return radius
}

/** Gaussian-like clusters that come one after the other, as parts of a production do. */
function clusters(seed: string, count: number): Tensor {
  const noise = randomTensor(seed, [count, 8])
  const centres = randomTensor(`${seed} centres`, [40, 8], -20, 20)
  return tensor(
    noise.shape,
    noise.data.map(
      (value, index) =>
        value + (centres.data[Math.floor((index * 40) / noise.data.length) * 8 + (index % 8)] as number),
    ),
  )
}

describe('memoryBankBuilder', () => {
  test('under the limit, the bank is that without a limit, bit for bit, in batches of any size', async () => {
    const points = randomTensor('points', [300, 8])
    const exact = await build(points, 300, {})
    const rows = await kCenter(points, 20, { start: randomInteger(createRng(0), 0, 299) })
    const chosen = Array.from(rows, (row) => [...points.data.subarray(row * 8, (row + 1) * 8)]).flat()
    expect([...exact.patches.data]).toEqual(chosen)
    for (const batch of [300, 77]) {
      ensureIdentical('bank', (await build(points, batch, { memoryLimit: 300 * ROW_BYTES })).patches, exact.patches)
    }
  })

  test.each([
    ['spread', randomTensor('spread', [2000, 8])],
    ['clustered', clusters('clustered', 2000)],
  ])('over the limit, %s points are covered within the stated radius', async (_, points) => {
    const full = coveringRadius(points, (await build(points, 100, {})).patches)
    for (const capacity of [1000, 200, 40]) {
      const streamed = await build(points, 100, { memoryLimit: capacity * ROW_BYTES })
      expect(streamed.patches.shape).toEqual([20, 8])
      expect(streamed.seen).toBe(2000)
      // Each reduction takes a full store to half of it.
      const reductions = Math.ceil((2000 - capacity) / (capacity - Math.floor(capacity / 2)))
      const radius = coveringRadius(points, streamed.patches)
      expect(radius).toBeLessThanOrEqual(2 * (reductions + 1) * full)
      // What is proven is a worst case; what is seen is close to the choice over all.
      expect(radius).toBeLessThan((capacity === 40 ? 2 : 1.35) * full)
    }
  })

  test('whatever the points, the limit and the batches, the radius is within the bound and rows are of the input', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 20, maxLength: 120 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 10, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        async (values, coresetSize, capacity, batch) => {
          const points = tensor([values.length, 1], Float32Array.from(values))
          // One value a row: 4 (2 + 3 + 8) bytes.
          const streamed = await build(points, batch, { coresetSize, memoryLimit: capacity * 52 })
          const full = await build(points, batch, { coresetSize })
          const rounds = Math.max(0, Math.ceil((values.length - capacity) / Math.ceil(capacity / 2)))
          const bound = 2 * (rounds + 1) * coveringRadius(points, full.patches)
          expect(coveringRadius(points, streamed.patches)).toBeLessThanOrEqual(bound)
          streamed.patches.data.forEach((value) => expect(values).toContain(value))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a limit without room for twice the bank is refused with the bytes that it takes', async () => {
    const points = randomTensor('points', [300, 8])
    await expect(build(points, 50, { memoryLimit: 30 * ROW_BYTES })).rejects.toThrow(
      'test: memoryLimit for twice the memory bank, 7680 bytes at 30 patches, got 5760',
    )
    const share = { coresetSize: null, coresetRatio: 0.5, memoryLimit: 100 * ROW_BYTES }
    await expect(build(points, 50, share)).rejects.toThrow('at 150 patches')
    expect((await build(sliceBatch(points, 0, 100), 50, share)).patches.shape[0]).toBe(50)
  })

  test('going on from a bank covers old and new', async () => {
    const [old, fresh] = [clusters('old', 400), clusters('fresh', 400)]
    const base = await build(old, 100, { coresetSize: 80 })
    const bank = await build(fresh, 100, { coresetSize: 80 }, base)
    expect(bank.seen).toBe(800)
    const full = coveringRadius(tensor([800, 8], Float32Array.of(...old.data, ...fresh.data)), bank.patches)
    const apart = coveringRadius(old, base.patches)
    expect(coveringRadius(fresh, bank.patches)).toBeLessThanOrEqual(full)
    expect(coveringRadius(old, bank.patches)).toBeLessThanOrEqual(apart + coveringRadius(base.patches, bank.patches))
  })
})
