/** A point `[x, y]` of a curve. */
export type CurvePoint = readonly [x: number, y: number]

/**
 * Leaves out points of a curve that runs from left to right: between two that stay, no point lies further than `tolerance` from
 * the first, in either coordinate. So corners stay, and so do both ends.
 * @param limit x beyond which only one more point is kept, so that a line can be drawn to the limit
 */
export function thinCurve(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  tolerance: number,
  limit: number = Infinity,
): CurvePoint[] {
  const points: CurvePoint[] = []
  let kept = -1
  const keep = (index: number): void => {
    if (index === kept) return
    points.push([xs[index] as number, ys[index] as number])
    kept = index
  }
  const near = (index: number): boolean =>
    Math.abs((xs[index] as number) - (xs[kept] as number)) <= tolerance &&
    Math.abs((ys[index] as number) - (ys[kept] as number)) <= tolerance
  for (let index = 0; index < xs.length; index++) {
    if (kept >= 0 && near(index) && index < xs.length - 1) continue
    if (index > 0) keep(index - 1) // the corner before a jump
    keep(index)
    if ((xs[index] as number) > limit) break
  }
  return points
}
