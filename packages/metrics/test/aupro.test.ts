import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { aupro, auroc } from '@tab/metrics'
import { tensor, tensorOf, type Tensor } from '@tab/core'
import fc from 'fast-check'
import { sharedFile, testWithShared } from '../../../test/shared.ts'

type Masks = Tensor<'uint8'>

/** 8-connected regions by flood fill. */
function regionsOf(mask: readonly number[], height: number, width: number): number[][] {
  const seen = new Set<number>()
  const regions: number[][] = []
  mask.forEach((value, start) => {
    if (value === 0 || seen.has(start)) return
    const region: number[] = []
    const open = [start]
    seen.add(start)
    while (open.length > 0) {
      const at = open.pop() as number
      region.push(at)
      const [y, x] = [Math.floor(at / width), at % width]
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const next = (y + dy) * width + x + dx
          const inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width
          if (inside && mask[next] === 1 && !seen.has(next)) {
            seen.add(next)
            open.push(next)
          }
        }
      }
    }
    regions.push(region)
  })
  return regions
}

/** The definition, threshold by threshold. */
function literal(maps: Tensor, masks: Masks, fprLimit: number): number {
  const [count, height, width] = maps.shape as [number, number, number]
  const area = height * width
  const regions: number[][] = []
  for (let n = 0; n < count; n++) {
    const mask = [...masks.data.slice(n * area, (n + 1) * area)]
    regions.push(...regionsOf(mask, height, width).map((region) => region.map((at) => at + n * area)))
  }
  const normal = [...maps.data].filter((_, index) => masks.data[index] === 0)
  const thresholds = [...new Set(maps.data)].sort((left, right) => right - left)
  const points = thresholds.map((threshold): [number, number] => {
    const covered = regions.map(
      (region) => region.filter((at) => (maps.data[at] as number) >= threshold).length / region.length,
    )
    return [
      normal.filter((score) => score >= threshold).length / normal.length,
      covered.reduce((sum, share) => sum + share, 0) / regions.length,
    ]
  })
  let area_ = 0
  let [x, y] = [0, 0]
  for (const [nextX, nextY] of points) {
    const endX = Math.min(nextX, fprLimit)
    if (nextX > x) {
      const endY = y + ((endX - x) / (nextX - x)) * (nextY - y)
      area_ += ((endX - x) * (y + endY)) / 2
    }
    if (nextX >= fprLimit) break
    ;[x, y] = [nextX, nextY]
  }
  return area_ / fprLimit
}

/** METHODS: a 400x7 map that rises row by row, defect columns as named. */
function columns(...defective: number[]): { maps: Tensor; masks: Masks } {
  const [height, width] = [400, 7]
  const maps = tensor(
    [1, height, width],
    Float32Array.from({ length: height * width }, (_, index) => index / 2800),
  )
  const mask = Uint8Array.from({ length: height * width }, (_, index) => (defective.includes(index % width) ? 1 : 0))
  return { maps, masks: tensorOf('uint8', [1, height, width], mask) }
}

const cases = fc
  .record({
    count: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 5 }),
    width: fc.integer({ min: 1, max: 5 }),
  })
  .chain(({ count, height, width }) => {
    const size = count * height * width
    return fc.record({
      shape: fc.constant([count, height, width]),
      map: fc.array(fc.integer({ min: -3, max: 6 }), { minLength: size, maxLength: size }),
      mask: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: size, maxLength: size }),
    })
  })
  .filter(({ mask }) => mask.includes(0) && mask.includes(1))
  .map(({ shape, map, mask }) => ({
    maps: tensor(shape, Float32Array.from(map)),
    masks: tensorOf('uint8', shape, Uint8Array.from(mask)),
  }))

describe('aupro', () => {
  test.each([[[3]], [[1, 3, 5]]])('the hand-checkable case with columns %j is 1/6', (defective) => {
    const { maps, masks } = columns(...defective)
    expect(aupro(maps, masks, { fprLimit: 1 / 3 })).toBeCloseTo(1 / 6, 5)
    expect(aupro(maps, masks, { fprLimit: 1 / 3 })).toBeCloseTo(literal(maps, masks, 1 / 3), 12)
  })

  test('a perfect map reaches 1, an inverted one 0', () => {
    const masks = tensorOf('uint8', [1, 1, 4], Uint8Array.of(0, 0, 1, 1))
    expect(aupro(tensor([1, 1, 4], Float32Array.of(0, 0.1, 0.9, 1)), masks)).toBe(1)
    expect(aupro(tensor([1, 1, 4], Float32Array.of(1, 0.9, 0.1, 0)), masks)).toBe(0)
  })

  test('equals the definition at every limit', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0.05, 0.3, 1 / 3, 1), ({ maps, masks }, fprLimit) => {
        expect(aupro(maps, masks, { fprLimit })).toBeCloseTo(literal(maps, masks, fprLimit), 12)
      }),
    )
  })

  test('does not change under a strictly increasing map or the order of images', () => {
    fc.assert(
      fc.property(cases, ({ maps, masks }) => {
        const value = aupro(maps, masks)
        expect(
          aupro(
            tensor(
              maps.shape,
              maps.data.map((x) => Math.fround(2 * x ** 3 + 5)),
            ),
            masks,
          ),
        ).toBe(value)
        const [count, height, width] = maps.shape as [number, number, number]
        const area = height * width
        const reversed = <A extends Float32Array | Uint8Array>(data: A): A => {
          const result = data.slice() as A
          for (let n = 0; n < count; n++) result.set(data.subarray(n * area, (n + 1) * area), (count - 1 - n) * area)
          return result
        }
        expect(
          aupro(tensor(maps.shape, reversed(maps.data)), tensorOf('uint8', masks.shape, reversed(masks.data))),
        ).toBe(value)
      }),
    )
  })

  test('refuses what it is not defined for', () => {
    const maps = tensor([1, 1, 2], Float32Array.of(1, 2))
    const masks = (...values: number[]) => tensorOf('uint8', [1, 1, 2], Uint8Array.from(values))
    expect(() => aupro(maps, masks(0, 0))).toThrow('undefined without a defective region')
    expect(() => aupro(maps, masks(1, 1))).toThrow('undefined without a normal pixel')
    expect(() => aupro(maps, masks(0, 255))).toThrow('masks must be 0 or 1, got 255 in image 0, pixel 1')
    expect(() => aupro(tensor([1, 1, 2], Float32Array.of(1, NaN)), masks(0, 1))).toThrow('got NaN in image 0, pixel 1')
    expect(() => aupro(tensor([1, 2, 1], Float32Array.of(1, 2)), masks(0, 1))).toThrow(
      'shape of the maps, [1,2,1], got [1,1,2]',
    )
    expect(() => aupro(maps, masks(0, 1), { fprLimit: 0 })).toThrow(
      'fprLimit must be a finite number > 0 and <= 1, got 0',
    )
  })

  testWithShared('oracles/magnetic-tile-metrics.json', 'real maps equal the independent implementation', () => {
    const {
      shape,
      aupro: wanted,
      pixelAuroc,
    } = JSON.parse(readFileSync(sharedFile('oracles/magnetic-tile-metrics.json'), 'utf8'))
    const bytes = readFileSync(sharedFile('oracles/magnetic-tile-maps.f32'))
    const maps = tensor(shape, new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)))
    const masks = tensorOf('uint8', shape, new Uint8Array(readFileSync(sharedFile('oracles/magnetic-tile-masks.u8'))))
    for (const limit of ['0.05', '0.3', '1.0']) {
      expect(Math.abs(aupro(maps, masks, { fprLimit: Number(limit) }) - wanted[limit])).toBeLessThan(1e-9)
    }
    expect(Math.abs(auroc(maps.data, masks.data) - pixelAuroc)).toBeLessThan(1e-12)
  })
})
