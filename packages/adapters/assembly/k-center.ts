// One step of greedy k-center on float32 points, four lanes at a time. src/patchcore/k-center-step.ts is its twin: the same
// operations in the same order, so that both choose the same points; it does not break off a sum early, which changes nothing.

/** Squared distance of two rows of `dimension` floats, a multiple of 4. */
function squaredDistance(a: usize, b: usize, dimension: i32): f32 {
  let sum = f32x4.splat(0)
  for (let end = a + ((<usize>dimension) << 2); a < end; a += 16, b += 16) {
    const difference = f32x4.sub(v128.load(a), v128.load(b))
    sum = f32x4.add(sum, f32x4.mul(difference, difference))
  }
  return (
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  )
}

/**
 * The squared distance of two rows, or, as soon as what is summed reaches `limit`, that part of it: sums of squares only grow,
 * in float32 too, so the rest cannot bring it under the limit again.
 */
function squaredDistanceUnder(limit: f32, a: usize, b: usize, dimension: i32): f32 {
  const end = a + ((<usize>dimension) << 2)
  let sum = f32x4.splat(0)
  let total: f32 = 0
  while (a < end) {
    const pause = a + 128 < end ? a + 128 : end
    for (; a < pause; a += 16, b += 16) {
      const difference = f32x4.sub(v128.load(a), v128.load(b))
      sum = f32x4.add(sum, f32x4.mul(difference, difference))
    }
    total =
      f32x4.extract_lane(sum, 0) +
      f32x4.extract_lane(sum, 1) +
      (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
    if (total >= limit) break
  }
  return total
}

/** Squared distances of the chosen points to the newest of them, times `slack`. */
export function gaps(points: usize, dimension: i32, chosen: usize, count: i32, target: usize, slack: f32): void {
  const row = (<usize>dimension) << 2
  const newest = points + <usize>load<u32>(chosen + ((<usize>(count - 1)) << 2)) * row
  for (let i: usize = 0; i < <usize>count; i++) {
    const point = points + <usize>load<u32>(chosen + (i << 2)) * row
    store<f32>(target + (i << 2), squaredDistance(point, newest, dimension) * slack)
  }
}

/**
 * Lowers the distance of every point to its nearest chosen one, now that `newest` is the chosen one with number `number`,
 * and returns the farthest point, the first among equals. A point stays where it is, unlooked at, when its own chosen point
 * is at least twice as far from the newest as from it.
 */
export function step(
  points: usize,
  count: i32,
  dimension: i32,
  nearest: usize,
  owners: usize,
  gapsOf: usize,
  newest: i32,
  number: i32,
): i32 {
  const row = (<usize>dimension) << 2
  const centre = points + <usize>newest * row
  let farthest = 0
  let most: f32 = -1
  for (let i = 0; i < count; i++) {
    const place = (<usize>i) << 2
    let distance = load<f32>(nearest + place)
    if (<f32>4 * distance > load<f32>(gapsOf + ((<usize>load<u32>(owners + place)) << 2))) {
      const candidate = squaredDistanceUnder(distance, points + <usize>i * row, centre, dimension)
      if (candidate < distance) {
        distance = candidate
        store<f32>(nearest + place, distance)
        store<u32>(owners + place, <u32>number)
      }
    }
    if (distance > most) {
      most = distance
      farthest = i
    }
  }
  return farthest
}
