// Mean and co-moments of a block of vectors at one position, merged into running ones. src/padim/co-moments-twin.ts does the
// same operations on every element in the same order. Rows are float32 of `width`, a multiple of 8, padded with zeros.

const ROWS: i32 = 4

/**
 * Merges `count` rows (float32, `rows` [count + 1, width], the last one free) into means [width] and the packed lower triangle
 * of co-moments of `dimension`, both float64, of the `before` vectors seen so far (Chan, Golub and LeVeque 1979). The rows are
 * centred in float64 on their own mean, multiplied and summed in float32, and added to the co-moments in float64; what the two
 * means differ by is one more row.
 * @param sums scratch float32 [width,width]
 */
export function merge(
  rows: usize,
  count: i32,
  width: i32,
  dimension: i32,
  before: f64,
  means: usize,
  moments: usize,
  sums: usize,
): void {
  centre(rows, count, width, before, means)
  for (let i = 0; i < dimension; i += ROWS) {
    for (let j = 0; j < i + ROWS; j += 8) products(rows, count + 1, width, i, j, sums)
  }
  let place = moments
  for (let i = 0; i < dimension; i++) {
    const row = sums + ((<usize>i * <usize>width) << 2)
    let j: usize = 0
    for (const pairs = <usize>((i + 1) & ~1); j < pairs; j += 2, place += 16) {
      v128.store(place, f64x2.add(v128.load(place), f64x2.promote_low_f32x4(v128.load64_zero(row + (j << 2)))))
    }
    if (j <= <usize>i) {
      store<f64>(place, load<f64>(place) + <f64>load<f32>(row + (j << 2)))
      place += 8
    }
  }
}

/** Centres the rows, moves the means, and writes the row for their difference. */
function centre(rows: usize, count: i32, width: i32, before: f64, means: usize): void {
  const stride = (<usize>width) << 2
  const n = <f64>count
  const total = before + n
  const weight = f64x2.splat(sqrt<f64>((before * n) / total))
  const share = f64x2.splat(n / total)
  for (let d: usize = 0; d < <usize>width; d += 2) {
    const column = rows + (d << 2)
    let sum = f64x2.splat(0)
    for (let i = 0; i < count; i++) {
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(column + <usize>i * stride)))
    }
    const mean = f64x2.div(sum, f64x2.splat(n))
    for (let i = 0; i < count; i++) {
      const place = column + <usize>i * stride
      const difference = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(place)), mean)
      v128.store64_lane(place, f32x4.demote_f64x2_zero(difference), 0)
    }
    const running = v128.load(means + (d << 3))
    const moved = f64x2.sub(mean, running)
    v128.store(means + (d << 3), f64x2.add(running, f64x2.mul(moved, share)))
    v128.store64_lane(column + <usize>count * stride, f32x4.demote_f64x2_zero(f64x2.mul(moved, weight)), 0)
  }
}

/** Sums over the rows of element i..i+3 times element j..j+7. */
function products(rows: usize, count: i32, width: i32, i: i32, j: i32, sums: usize): void {
  const stride = (<usize>width) << 2
  let a0 = f32x4.splat(0)
  let b0 = f32x4.splat(0)
  let a1 = f32x4.splat(0)
  let b1 = f32x4.splat(0)
  let a2 = f32x4.splat(0)
  let b2 = f32x4.splat(0)
  let a3 = f32x4.splat(0)
  let b3 = f32x4.splat(0)
  let left = rows + ((<usize>i) << 2)
  let right = rows + ((<usize>j) << 2)
  for (let row = 0; row < count; row++, left += stride, right += stride) {
    const a = v128.load(right)
    const b = v128.load(right, 16)
    let factor = v128.load32_splat(left)
    a0 = f32x4.add(a0, f32x4.mul(factor, a))
    b0 = f32x4.add(b0, f32x4.mul(factor, b))
    factor = v128.load32_splat(left, 4)
    a1 = f32x4.add(a1, f32x4.mul(factor, a))
    b1 = f32x4.add(b1, f32x4.mul(factor, b))
    factor = v128.load32_splat(left, 8)
    a2 = f32x4.add(a2, f32x4.mul(factor, a))
    b2 = f32x4.add(b2, f32x4.mul(factor, b))
    factor = v128.load32_splat(left, 12)
    a3 = f32x4.add(a3, f32x4.mul(factor, a))
    b3 = f32x4.add(b3, f32x4.mul(factor, b))
  }
  let target = sums + ((<usize>i * <usize>width + <usize>j) << 2)
  v128.store(target, a0)
  v128.store(target, b0, 16)
  target += stride
  v128.store(target, a1)
  v128.store(target, b1, 16)
  target += stride
  v128.store(target, a2)
  v128.store(target, b2, 16)
  target += stride
  v128.store(target, a3)
  v128.store(target, b3, 16)
}
