import { checkNumber, TabError, tensorOf, type Tensor } from '@tab/core'
import type { Size } from './resize.ts'

/** Corners `[x, y]` in pixels of an image, three or more; the upper left corner of the image is [0, 0]. */
export type Polygon = readonly (readonly [x: number, y: number])[]

/**
 * A mask of the pixels whose middle lies in any of some polygons; where one crosses itself, by the even-odd rule.
 * @param size `[height, width]`
 * @returns [height,width], 1 inside
 * @throws INVALID_ARGUMENT for fewer than three corners, coordinates that are not finite, or an invalid size
 * @example
 * ```ts
 * import { polygonMask } from '@tab/data'
 * const mask = polygonMask([[[0, 0], [3, 0], [0, 3]]], [3, 3])
 * console.log(mask.data.join('')) // 110100000
 * ```
 */
export function polygonMask(polygons: readonly Polygon[], size: Size): Tensor<'uint8'> {
  const where = 'polygonMask'
  const [height, width] = size
  for (const side of size) checkNumber(where, 'size', side, { integer: true, minimum: 1 })
  const data = new Uint8Array(height * width)
  for (const [index, polygon] of polygons.entries()) {
    if (polygon.length < 3) {
      const expected = `three or more corners of polygon ${index}`
      throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(polygon.length) })
    }
    for (const corner of polygon)
      for (const value of corner) checkNumber(where, `a coordinate of polygon ${index}`, value)
    for (let y = 0; y < height; y++) {
      const crossings = crossingsAt(polygon, y + 0.5)
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, Math.ceil((crossings[i] as number) - 0.5))
        const to = Math.min(width, Math.ceil((crossings[i + 1] as number) - 0.5))
        if (to > from) data.fill(1, y * width + from, y * width + to)
      }
    }
  }
  return tensorOf('uint8', [height, width], data)
}

/** Where a horizontal line crosses the sides of a polygon, ascending. */
function crossingsAt(polygon: Polygon, y: number): number[] {
  const crossings: number[] = []
  polygon.forEach(([x1, y1], index) => {
    const [x2, y2] = polygon[(index + 1) % polygon.length] as readonly [number, number]
    if (y1 <= y === y2 <= y) return
    crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1))
  })
  return crossings.sort((left, right) => left - right)
}
