import { describe, expect, test } from '@jest/globals'
import { tensor, type Tensor } from '@tab/core'
import { placeInOriginal } from '@tab/data'
import fc from 'fast-check'
import { placedRegions, type MapPlace, type MapRegion } from '../../src/inspect/regions.ts'

const regionsAbove = (...args: Parameters<typeof placedRegions>): MapRegion[] =>
  placedRegions(...args).map(({ region }) => region)

const mapOf = (rows: readonly (readonly number[])[]): Tensor =>
  tensor([rows.length, (rows[0] as readonly number[]).length], Float32Array.from(rows.flat()))

/** The map is the image itself. */
const same = (height: number, width: number): MapPlace => ({ scale: [1, 1], offset: [0, 0], original: [height, width] })

describe('regions above a threshold', () => {
  const map = mapOf([
    [0, 5, 0, 0, 0],
    [5, 7, 0, 0, 9],
    [0, 0, 6, 0, 8],
    [4, 0, 0, 0, 0],
  ])

  test('join by sides and corners, strictly above, the highest first', () => {
    expect(regionsAbove(map, 4, same(4, 5))).toEqual([
      { box: { x: 4, y: 1, width: 1, height: 2 }, area: 2, originalArea: 2, peak: 9, peakAt: { x: 4, y: 1 } },
      { box: { x: 0, y: 0, width: 3, height: 3 }, area: 4, originalArea: 4, peak: 7, peakAt: { x: 1, y: 1 } },
    ])
    expect(regionsAbove(map, 9, same(4, 5))).toEqual([])
  })

  test('lie in the image that was handed in: resized from 40 x 100, and cropped', () => {
    // 40 x 100 resized to 6 x 9, of which the middle 4 x 5 is kept: the map begins at row 1 and column 2 of the resized image.
    const place = placeInOriginal({ size: [6, 9], crop: [4, 5] }, [40, 100])
    const [first] = regionsAbove(map, 8, { ...place, original: [40, 100] })
    // Row 1 + 1 of 6 is from 13.3 to 20 of 40, column 4 + 2 of 9 from 66.7 to 77.8 of 100; their middles are at 16.7 and 72.2.
    expect(first).toEqual({
      box: { x: 66, y: 13, width: 12, height: 7 },
      area: 1,
      originalArea: 74, // 40 / 6 x 100 / 9
      peak: 9,
      peakAt: { x: 72, y: 16 },
    })
  })

  test('of a map larger than the image have boxes of a pixel at least, within it', () => {
    const place = placeInOriginal({ size: [4, 5] }, [2, 1])
    expect(regionsAbove(map, 4, { ...place, original: [2, 1] }).map(({ box, peakAt }) => [box, peakAt])).toEqual([
      [
        { x: 0, y: 0, width: 1, height: 2 },
        { x: 0, y: 0 },
      ],
      [
        { x: 0, y: 0, width: 1, height: 2 },
        { x: 0, y: 0 },
      ],
    ])
  })

  test('of any map: disjoint, whole, within their boxes and the image', () => {
    const side = fc.integer({ min: 1, max: 12 })
    const cases = fc.tuple(side, side).chain(([height, width]) =>
      fc.record({
        rows: fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: width, maxLength: width }), {
          minLength: height,
          maxLength: height,
        }),
        threshold: fc.integer({ min: -1, max: 4 }),
        margins: fc.tuple(fc.nat(5), fc.nat(5)),
        original: fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 })),
      }),
    )
    fc.assert(
      fc.property(cases, ({ rows, threshold, margins, original }) => {
        const [height, width] = [rows.length, (rows[0] as number[]).length]
        const size = [height + 2 * margins[0], width + 2 * margins[1]] as const
        const place = placeInOriginal({ size, crop: [height, width] }, original)
        const regions = regionsAbove(mapOf(rows), threshold, { ...place, original })
        const above = rows.flatMap((row, y) => row.flatMap((value, x) => (value > threshold ? [{ x, y, value }] : [])))
        expect(regions.reduce((sum, { area }) => sum + area, 0)).toBe(above.length)
        // Any pixel above lies in the box of a region that peaks as high, by the plain proportion of the two images.
        for (const { x, y, value } of above) {
          const [centreY, centreX] = [
            ((y + 0.5 + margins[0]) * original[0]) / size[0],
            ((x + 0.5 + margins[1]) * original[1]) / size[1],
          ]
          const around = regions.filter(
            ({ box, peak }) =>
              peak >= value &&
              centreX > box.x - 1e-6 &&
              centreX < box.x + box.width + 1e-6 &&
              centreY > box.y - 1e-6 &&
              centreY < box.y + box.height + 1e-6,
          )
          expect(around.length).toBeGreaterThan(0)
        }
        for (const { box, peak, peakAt, area } of regions) {
          expect(area).toBeGreaterThan(0)
          expect(above.map(({ value }) => value)).toContain(peak)
          const right = box.x + box.width
          const bottom = box.y + box.height
          expect([box.x >= 0, box.y >= 0, right <= original[1], bottom <= original[0]]).toEqual(Array(4).fill(true))
          expect([box.width > 0, box.height > 0]).toEqual([true, true])
          expect(peakAt.x >= box.x && peakAt.x < right && peakAt.y >= box.y && peakAt.y < bottom).toBe(true)
        }
        const peaks = regions.map(({ peak }) => peak)
        expect(peaks).toEqual([...peaks].sort((a, b) => b - a))
      }),
    )
  })
})
