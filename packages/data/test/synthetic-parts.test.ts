import { describe, expect, test } from '@jest/globals'
import { deriveRng, sha256 } from '@tab/core'
import { DEFECT_KINDS, defectsOf, PART_KINDS, syntheticParts, type PartKind } from '@tab/data'
import { withDefect } from '../src/synthetic-parts/defects.ts'
import { PART_FAMILIES } from '../src/synthetic-parts/part-families.ts'
import { pose } from '../src/synthetic-parts/pose.ts'
import { render } from '../src/synthetic-parts/render.ts'

const size = [48, 60] as const
const pairs = PART_KINDS.flatMap((part) => defectsOf(part).map((defect) => [part, defect] as const))
const digest = ({ data }: { data: Float32Array | Uint8Array }) =>
  sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
const areLevels = (values: Float32Array): boolean =>
  values.every((value) => {
    const level = value * 255
    return level >= 0 && level <= 255 && Math.abs(level - Math.round(level)) < 1e-4
  })

describe('syntheticParts', () => {
  test.each(pairs)('%s with %s: 8-bit pixels, a mask that is neither empty nor large', (part, defect) => {
    const parts = syntheticParts({ part, size, seed: 3 })
    const { image, mask, defect: kind } = parts.anomalous(0, defect)
    expect([image.shape, mask.shape, kind]).toEqual([[48, 60, 3], [48, 60], defect])
    expect(areLevels(image.data)).toBe(true)
    const share = mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length
    expect(share).toBeGreaterThan(0.002)
    expect(share).toBeLessThan(0.15)
  })

  // The defect is drawn again from the same stream, so that photographs with and without it differ in nothing else.
  test.each(pairs)('%s with %s: the mask marks what the defect changed, up to pinholes', (part, defect) => {
    const [seed, index, pixel] = [3, 1, 1 / 48]
    const rng = deriveRng(seed, part, defect, index)
    const made = PART_FAMILIES[part](rng, pixel)
    const scene = pose(made, size, rng)
    const clean = render(made.surface, scene)
    const changed = (): number[] => {
      const damaged = render(withDefect(defect, made, rng, pixel), scene)
      const apart = damaged.map((value, at) => Math.abs(value - (clean[at] ?? 0)))
      return Array.from({ length: 48 * 60 }, (_, at) => Math.max(...apart.subarray(3 * at, 3 * at + 3)))
    }
    const { mask } = syntheticParts({ part, size, seed }).anomalous(index, defect)
    // The smallest masks are refused and drawn again elsewhere.
    let difference = changed()
    for (let again = 0; again < 19 && difference.some((d, at) => d > 4 / 255 && mask.data[at] === 0); again++) {
      difference = changed()
    }
    const marked = [...mask.data.keys()].filter((at) => mask.data[at] === 1)
    const missed = difference.filter((d, at) => d > 4 / 255 && mask.data[at] === 0)
    const extra = marked.filter((at) => {
      const around = [-61, -60, -59, -1, 0, 1, 59, 60, 61].map((step) => (difference[at + step] ?? 0) > 3 / 255)
      return !around[4] && around.filter(Boolean).length < 5
    })
    expect({ missed, extra, marked: marked.length > 0 }).toEqual({ missed: [], extra: [], marked: true })
  })

  test.each(PART_KINDS)('good %s parts have an empty mask and differ from each other by more than noise', (part) => {
    const parts = syntheticParts({ part, size, seed: 3 })
    const good = [0, 1, 2].map((index) => parts.normal(index))
    expect(good.map(({ mask, image }) => [mask.data.includes(1), areLevels(image.data)])).toEqual(
      Array(3).fill([false, true]),
    )
    for (const [one, other] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const [left, right] = [good[one]?.image.data ?? [], good[other]?.image.data ?? []]
      const apart = [...left].filter((value, at) => Math.abs(value - (right[at] ?? 0)) > 0.1) // noise ends at 0.08
      expect(apart.length / left.length).toBeGreaterThan(0.005)
    }
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

  // All of a family, good and with each defect it can have, so that no change of bytes stays unseen.
  test.each([
    ['washer', '9d2c674c8a609ffe'],
    ['tablet', 'c9807ff4be10d96c'],
    ['brushed-metal', '3e627f31ef00c2d3'],
    ['fabric', 'd985cb3ce77edaea'],
    ['hex-nut', '7bce56093f5b08a1'],
    ['bottle-cap', '50dd591a697e16ba'],
    ['connector', '1b80bb8f4cd6bfbf'],
    ['label', 'ba5f52cae7200b8c'],
    ['circuit-board', 'af3be284fca5c8df'],
    ['bottle-mouth', '429d0b4ca03acbbd'],
    ['cookie', '4ddda0f59e08e130'],
    ['capsule', '76a5b74dbdbf1e41'],
    ['perforated-metal', '7d921d4464670963'],
    ['wood-grain', '8bc75e8f6e31a275'],
    ['particle-board', '510f6222d81be6f0'],
    ['knit', 'db4bd2722aa7fd6f'],
  ] satisfies [PartKind, string][])('golden bytes of %s, good and with each defect', async (part, wanted) => {
    const parts = syntheticParts({ part, size: [48, 48], seed: 7 })
    const shots = [parts.normal(2), ...defectsOf(part).map((defect) => parts.anomalous(1, defect))]
    const digests = await Promise.all(shots.flatMap(({ image, mask }) => [digest(image), digest(mask)]))
    expect((await sha256(new TextEncoder().encode(digests.join(' ')))).slice(0, 16)).toBe(wanted)
  })

  test('every part can have the five first kinds of defect, and each kind suits most parts', () => {
    for (const part of PART_KINDS) expect(defectsOf(part).slice(0, 5)).toEqual(DEFECT_KINDS.slice(0, 5))
    for (const defect of DEFECT_KINDS) {
      expect(PART_KINDS.filter((part) => defectsOf(part).includes(defect)).length).toBeGreaterThanOrEqual(12)
    }
    expect([PART_KINDS.length, DEFECT_KINDS.length]).toEqual([16, 8])
    expect(new Set(pairs.map(String)).size).toBe(pairs.length)
  })

  test('refuses unknown parts, defects, sizes and indices', () => {
    expect(() => syntheticParts({ part: 'sprocket' as never, size, seed: 1 })).toThrow(
      'part must be one of washer, tablet',
    )
    expect(() => syntheticParts({ part: 'washer', size: [16, 64], seed: 1 })).toThrow(
      'size must be a whole number >= 32, got 16',
    )
    const parts = syntheticParts({ part: 'washer', size, seed: 1 })
    expect(() => parts.anomalous(0, 'rust' as never)).toThrow('defect must be one of contamination, dent')
    const cloth = syntheticParts({ part: 'knit', size, seed: 1 })
    expect(() => cloth.anomalous(0, 'crack')).toThrow('stain, burn, distortion on part knit, got crack')
    expect(() => parts.normal(-1)).toThrow('index must be a whole number >= 0, got -1')
  })
})
