import { describe, expect, test } from '@jest/globals'
import { sha256 } from '@tab/core'
import { DEFECT_KINDS, PART_KINDS, syntheticParts } from '@tab/data'

const size = [64, 80] as const
const pairs = PART_KINDS.flatMap((part) => DEFECT_KINDS.map((defect) => [part, defect] as const))
const digest = ({ data }: { data: Float32Array | Uint8Array }) =>
  sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))

describe('syntheticParts', () => {
  test.each(pairs)('%s with %s: 8-bit pixels, a mask that is neither empty nor large', (part, defect) => {
    const parts = syntheticParts({ part, size, seed: 3 })
    for (let index = 0; index < 4; index++) {
      const { image, mask, defect: kind } = parts.anomalous(index, defect)
      expect([image.shape, mask.shape, kind]).toEqual([[64, 80, 3], [64, 80], defect])
      const levels = image.data.map((value) => value * 255)
      expect(levels.every((level) => level >= 0 && level <= 255 && Math.abs(level - Math.round(level)) < 1e-4)).toBe(
        true,
      )
      const share = mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length
      expect(share).toBeGreaterThan(0.002)
      expect(share).toBeLessThan(0.15)
    }
  })

  test.each(PART_KINDS)('good %s parts have an empty mask and differ from each other', (part) => {
    const parts = syntheticParts({ part, size, seed: 3 })
    const [first, second] = [parts.normal(0), parts.normal(1)]
    expect(first.mask.data.includes(1)).toBe(false)
    expect(first.image.data.some((value, index) => Math.abs(value - (second.image.data[index] as number)) > 0.05)).toBe(
      true,
    )
  })

  test('an image depends on seed and index alone', async () => {
    const make = (seed: number) => syntheticParts({ part: 'washer', size, seed })
    const [left, right] = [make(1), make(1)]
    right.normal(0)
    expect(await digest(right.anomalous(5, 'dent').image)).toBe(await digest(left.anomalous(5, 'dent').image))
    expect(await digest(make(2).normal(0).image)).not.toBe(await digest(left.normal(0).image))
  })

  // The same on every platform and version: a change of these is a change of every data set drawn before.
  test.each([
    ['washer', 'bcbdcf32a8fafa1d c3901c2b779f8b4d'],
    ['tablet', 'e2c402be2c351aa1 28fe99a7aa053fe2'],
    ['brushed-metal', '113e1993295beecc d8d363f3d59f15a4'],
    ['fabric', 'bcb7574af0c2b804 5830e5e34814fb3d'],
  ] as const)('golden bytes of %s', async (part, wanted) => {
    const { image, mask } = syntheticParts({ part, size: [48, 48], seed: 7 }).anomalous(2, 'stain')
    expect(`${(await digest(image)).slice(0, 16)} ${(await digest(mask)).slice(0, 16)}`).toBe(wanted)
  })

  test('refuses unknown parts, defects, sizes and indices', () => {
    expect(() => syntheticParts({ part: 'gear' as never, size, seed: 1 })).toThrow('part must be one of washer, tablet')
    expect(() => syntheticParts({ part: 'washer', size: [16, 64], seed: 1 })).toThrow(
      'size must be a whole number >= 32, got 16',
    )
    const parts = syntheticParts({ part: 'washer', size, seed: 1 })
    expect(() => parts.anomalous(0, 'rust' as never)).toThrow('defect must be one of contamination, dent')
    expect(() => parts.normal(-1)).toThrow('index must be a whole number >= 0, got -1')
  })
})
