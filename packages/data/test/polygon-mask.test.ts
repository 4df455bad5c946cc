import { describe, expect, test } from '@jest/globals'
import { polygonMask, type Polygon } from '@tab/data'
import fc from 'fast-check'

const lines = (polygons: readonly Polygon[], size: readonly [number, number]): string[] => {
  const { data } = polygonMask(polygons, size)
  return Array.from({ length: size[0] }, (_, y) => data.subarray(y * size[1], (y + 1) * size[1]).join(''))
}
const box = (x: number, y: number, width: number, height: number): Polygon => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
]

describe('a mask of polygons', () => {
  test('holds the pixels whose middle is inside', () => {
    expect(lines([box(1, 1, 2, 1)], [3, 4])).toEqual(['0000', '0110', '0000'])
    expect(lines([box(0.4, 0.6, 1.2, 1)], [3, 3])).toEqual(['000', '110', '000']) // middles at 0.5 and 1.5
    expect(lines([box(0.6, 0, 0.8, 3)], [1, 3])).toEqual(['000']) // between two middles
  })

  test('of several is that of any, and of one that crosses itself is even-odd', () => {
    expect(lines([box(0, 0, 2, 1), box(1, 0, 2, 1)], [1, 4])).toEqual(['1110'])
    const star: Polygon = [...box(0, 0, 4, 4), ...box(0, 0, 4, 4).slice(0, 1), ...box(1, 1, 2, 2), [1, 1]]
    expect(lines([star], [4, 4])).toEqual(['1111', '1001', '1001', '1111'])
  })

  test('is cut at the borders of the image', () => {
    expect(lines([box(-5, -5, 100, 7)], [3, 3])).toEqual(['111', '111', '000'])
  })

  test('of any triangle is that of its half-planes, except on its sides', () => {
    const corner = fc.tuple(fc.integer({ min: -4, max: 16 }), fc.integer({ min: -4, max: 16 }))
    fc.assert(
      fc.property(corner, corner, corner, (a, b, c) => {
        const { data } = polygonMask([[a, b, c]], [12, 12])
        const side = ([x1, y1]: readonly number[], [x2, y2]: readonly number[], x: number, y: number): number =>
          ((x2 as number) - (x1 as number)) * (y - (y1 as number)) -
          ((y2 as number) - (y1 as number)) * (x - (x1 as number))
        data.forEach((inside, at) => {
          const [x, y] = [(at % 12) + 0.5, Math.floor(at / 12) + 0.5]
          const signs = [side(a, b, x, y), side(b, c, x, y), side(c, a, x, y)]
          if (signs.some((value) => value === 0)) return
          expect(inside).toBe(signs.every((value) => value > 0) || signs.every((value) => value < 0) ? 1 : 0)
        })
      }),
    )
  })

  test('refuses two corners, and coordinates that are not finite', () => {
    expect(() =>
      polygonMask(
        [
          [
            [0, 0],
            [1, 1],
          ],
        ],
        [4, 4],
      ),
    ).toThrow('three or more corners of polygon 0, got 2')
    expect(() => polygonMask([box(0, 0, NaN, 1)], [4, 4])).toThrow('a coordinate of polygon 0')
  })
})
