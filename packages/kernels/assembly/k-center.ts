// One step of greedy k-center on float32 points, four lanes at a time, looking only at points that may be the farthest.
// src/patchcore/k-center-step.ts is its twin: it computes the same distances, operation by operation, and so chooses the same
// points; it updates all points in every step.

/** Points of a block, whose largest bound is kept. */
const BLOCK: i32 = 64
/** Blocks that are looked at largest bound first, so that the pass over the others starts from a high mark. */
const FIRST_BLOCKS: i32 = 8

/** Sum of four vectors' lanes, in the twin's order. */
function total(s0: v128, s1: v128, s2: v128, s3: v128): f32 {
  const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))
  return (
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  )
}

function square(a: usize, b: usize): v128 {
  const difference = f32x4.sub(v128.load(a), v128.load(b))
  return f32x4.mul(difference, difference)
}

/**
 * The squared distance of two rows of `dimension` floats, a multiple of 16, or, as soon as what is summed reaches `limit`, that
 * part of it: sums of squares only grow, in float32 too, so the rest cannot bring it under the limit again.
 */
function squaredDistanceUnder(limit: f32, a: usize, b: usize, dimension: i32): f32 {
  const end = a + ((<usize>dimension) << 2)
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  let sum: f32 = 0
  while (a < end) {
    const pause = a + 128 < end ? a + 128 : end
    for (; a < pause; a += 64, b += 64) {
      s0 = f32x4.add(s0, square(a, b))
      s1 = f32x4.add(s1, square(a + 16, b + 16))
      s2 = f32x4.add(s2, square(a + 32, b + 32))
      s3 = f32x4.add(s3, square(a + 48, b + 48))
    }
    sum = total(s0, s1, s2, s3)
    if (sum >= limit) break
  }
  return sum
}

// The arrays of a run, laid out by its owner.
let points: usize = 0
let count: i32 = 0
let dimension: i32 = 0
let nearest: usize = 0
let known: usize = 0
let centres: usize = 0
let blocks: usize = 0
// The farthest point found so far in a step.
let most: f32 = -1
let farthest: i32 = 0

export function open(
  points_: usize,
  count_: i32,
  dimension_: i32,
  nearest_: usize,
  known_: usize,
  centres_: usize,
  blocks_: usize,
): void {
  points = points_
  count = count_
  dimension = dimension_
  nearest = nearest_
  known = known_
  centres = centres_
  blocks = blocks_
}

/** Whether a point at `distance` would be taken before the farthest so far. */
function precedes(distance: f32, index: i32): bool {
  return distance > most || (distance == most && index < farthest)
}

/** Brings the points of a block up to `taken` centres, as far as each may still be the farthest. */
function visit(block: i32, taken: i32): void {
  const row = (<usize>dimension) << 2
  const start = block * BLOCK
  const end = start + BLOCK < count ? start + BLOCK : count
  let largest: f32 = -1
  for (let i = start; i < end; i++) {
    const place = (<usize>i) << 2
    let distance = load<f32>(nearest + place)
    if (precedes(distance, i)) {
      let seen = <i32>load<u32>(known + place)
      const point = points + <usize>i * row
      let centre = centres + <usize>seen * row
      for (; seen < taken; seen++, centre += row) {
        const candidate = squaredDistanceUnder(distance, point, centre, dimension)
        if (candidate < distance) {
          distance = candidate
          if (!precedes(distance, i)) {
            seen++
            break
          }
        }
      }
      store<f32>(nearest + place, distance)
      store<u32>(known + place, <u32>seen)
      if (precedes(distance, i)) {
        most = distance
        farthest = i
      }
    }
    if (distance > largest) largest = distance
  }
  store<f32>(blocks + ((<usize>block) << 2), largest)
}

/**
 * Takes in the newest of `taken` centres, the row `newest`, and returns the farthest point from all of them, the first among
 * equals. `nearest` holds upper bounds: the distance of each point to the nearest of the first `known` centres.
 */
export function step(newest: i32, taken: i32): i32 {
  const row = (<usize>dimension) << 2
  memory.copy(centres + <usize>(taken - 1) * row, points + <usize>newest * row, row)
  most = -1
  farthest = 0
  const blockCount = (count + BLOCK - 1) / BLOCK
  for (let turn = 0; turn < FIRST_BLOCKS; turn++) {
    let highest: f32 = -1
    let first = 0
    for (let block = 0; block < blockCount; block++) {
      const largest = load<f32>(blocks + ((<usize>block) << 2))
      if (largest > highest) {
        highest = largest
        first = block
      }
    }
    if (highest <= most) break
    visit(first, taken)
  }
  for (let block = 0; block < blockCount; block++) {
    if (precedes(load<f32>(blocks + ((<usize>block) << 2)), block * BLOCK)) visit(block, taken)
  }
  return farthest
}
