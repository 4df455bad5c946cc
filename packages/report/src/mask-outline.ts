import { contours } from 'd3-contour'
import { line } from 'd3-shape'
import simplify from 'simplify-js'

const UNSEEN = 0.35 // of a pixel

/**
 * The contour of a mask as an SVG path, in pixels; it can be drawn sharp at any size.
 * @param mask [H*W], 1 on the defect
 * @returns undefined for an empty mask
 */
export function maskOutline(mask: Uint8Array, [height, width]: readonly [number, number]): string | undefined {
  if (!mask.includes(1)) return undefined
  const { coordinates } = contours().size([width, height]).contour(Array.from(mask), 0.5)
  const draw = line().digits(1)
  const rings = coordinates.flat().map((ring) => {
    const points = ring.map(([x, y]) => ({ x: x as number, y: y as number }))
    return `${draw(simplify(points, UNSEEN, true).map(({ x, y }) => [x, y]))}Z`
  })
  return rings.join('')
}
