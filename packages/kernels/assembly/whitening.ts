// Cholesky whitening of one Gaussian in float64, two lanes at a time. src/backend-kit/whitening-twin.ts does the same operations
// on every element in the same order, so both give the same bits. Matrices are row-major with sides that are multiples of 4.

function at(matrix: usize, side: i32, i: i32, j: i32): usize {
  return matrix + ((<usize>i * <usize>side + <usize>j) << 3)
}

/** target[j] -= c source[j] for the columns from `from` (even) on. */
function subtractRow(target: usize, source: usize, c: f64, from: i32, columns: i32): void {
  const factor = f64x2.splat(c)
  const end = (<usize>columns) << 3
  for (let j = (<usize>from) << 3; j < end; j += 16) {
    v128.store(target + j, f64x2.sub(v128.load(target + j), f64x2.mul(factor, v128.load(source + j))))
  }
}

/** Four rows taken, in turn, off two neighbouring rows: what is loaded once serves eight products. */
function subtractFour(
  target: usize,
  next: usize,
  s0: usize,
  s1: usize,
  s2: usize,
  s3: usize,
  c0: f64,
  c1: f64,
  c2: f64,
  c3: f64,
  d0: f64,
  d1: f64,
  d2: f64,
  d3: f64,
  from: i32,
  columns: i32,
): void {
  const p0 = f64x2.splat(c0)
  const p1 = f64x2.splat(c1)
  const p2 = f64x2.splat(c2)
  const p3 = f64x2.splat(c3)
  const q0 = f64x2.splat(d0)
  const q1 = f64x2.splat(d1)
  const q2 = f64x2.splat(d2)
  const q3 = f64x2.splat(d3)
  const end = (<usize>columns) << 3
  for (let j = (<usize>from) << 3; j < end; j += 16) {
    let a = v128.load(target + j)
    let b = v128.load(next + j)
    let s = v128.load(s0 + j)
    a = f64x2.sub(a, f64x2.mul(p0, s))
    b = f64x2.sub(b, f64x2.mul(q0, s))
    s = v128.load(s1 + j)
    a = f64x2.sub(a, f64x2.mul(p1, s))
    b = f64x2.sub(b, f64x2.mul(q1, s))
    s = v128.load(s2 + j)
    a = f64x2.sub(a, f64x2.mul(p2, s))
    b = f64x2.sub(b, f64x2.mul(q2, s))
    s = v128.load(s3 + j)
    a = f64x2.sub(a, f64x2.mul(p3, s))
    b = f64x2.sub(b, f64x2.mul(q3, s))
    v128.store(target + j, a)
    v128.store(next + j, b)
  }
}

function divideRow(row: usize, divisor: f64, from: i32, columns: i32): void {
  const by = f64x2.splat(divisor)
  const end = (<usize>columns) << 3
  for (let j = (<usize>from) << 3; j < end; j += 16) v128.store(row + j, f64x2.div(v128.load(row + j), by))
}

/** Takes rows k to k + 3 of `source`, times their coefficients in columns i and i + 1 of `upper`, off rows i and i + 1. */
function eliminate(
  upper: usize,
  side: i32,
  source: usize,
  target: usize,
  columns: i32,
  k: i32,
  i: i32,
  from: i32,
): void {
  subtractFour(
    at(target, columns, i, 0),
    at(target, columns, i + 1, 0),
    at(source, columns, k, 0),
    at(source, columns, k + 1, 0),
    at(source, columns, k + 2, 0),
    at(source, columns, k + 3, 0),
    load<f64>(at(upper, side, k, i)),
    load<f64>(at(upper, side, k + 1, i)),
    load<f64>(at(upper, side, k + 2, i)),
    load<f64>(at(upper, side, k + 3, i)),
    load<f64>(at(upper, side, k, i + 1)),
    load<f64>(at(upper, side, k + 1, i + 1)),
    load<f64>(at(upper, side, k + 2, i + 1)),
    load<f64>(at(upper, side, k + 3, i + 1)),
    from,
    columns,
  )
}

/**
 * Cholesky factor of the upper triangle, in place: U with U^T U = matrix. What lies below the diagonal is spoiled.
 * @returns -1, or the row whose pivot is not positive
 */
export function cholesky(matrix: usize, side: i32): i32 {
  for (let block = 0; block < side; block += 4) {
    for (let k = block; k < block + 4; k++) {
      const pivot = load<f64>(at(matrix, side, k, k))
      if (!(pivot > 0)) return k
      const root = sqrt<f64>(pivot)
      const row = at(matrix, side, k, 0)
      divideRow(row, root, k & ~1, side)
      store<f64>(at(matrix, side, k, k), root)
      for (let i = k + 1; i < block + 4; i++) {
        subtractRow(at(matrix, side, i, 0), row, load<f64>(at(matrix, side, k, i)), i & ~1, side)
      }
    }
    for (let i = block + 4; i < side; i += 2) eliminate(matrix, side, matrix, matrix, side, block, i, i)
  }
  return -1
}

/** target = U^-1 of an upper triangular U, from the last row up. */
export function invert(upper: usize, side: i32, target: usize): void {
  memory.fill(target, 0, (<usize>side * <usize>side) << 3)
  for (let block = side - 4; block >= 0; block -= 4) {
    for (let i = block; i < block + 4; i++) store<f64>(at(target, side, i, i), 1)
    for (let k = side - 4; k > block; k -= 4) {
      for (let i = block; i < block + 4; i += 2) {
        subtractFour(
          at(target, side, i, 0),
          at(target, side, i + 1, 0),
          at(target, side, k + 3, 0),
          at(target, side, k + 2, 0),
          at(target, side, k + 1, 0),
          at(target, side, k, 0),
          load<f64>(at(upper, side, i, k + 3)),
          load<f64>(at(upper, side, i, k + 2)),
          load<f64>(at(upper, side, i, k + 1)),
          load<f64>(at(upper, side, i, k)),
          load<f64>(at(upper, side, i + 1, k + 3)),
          load<f64>(at(upper, side, i + 1, k + 2)),
          load<f64>(at(upper, side, i + 1, k + 1)),
          load<f64>(at(upper, side, i + 1, k)),
          k,
          side,
        )
      }
    }
    for (let i = block + 3; i >= block; i--) {
      const row = at(target, side, i, 0)
      for (let k = block + 3; k > i; k--) {
        subtractRow(row, at(target, side, k, 0), load<f64>(at(upper, side, i, k)), block, side)
      }
      divideRow(row, load<f64>(at(upper, side, i, i)), block, side)
    }
  }
}

/** rows = (U^T)^-1 rows [side,columns], in place. */
export function forward(upper: usize, side: i32, rows: usize, columns: i32): void {
  for (let block = 0; block < side; block += 4) {
    for (let k = block; k < block + 4; k++) {
      const row = at(rows, columns, k, 0)
      divideRow(row, load<f64>(at(upper, side, k, k)), 0, columns)
      for (let i = k + 1; i < block + 4; i++) {
        subtractRow(at(rows, columns, i, 0), row, load<f64>(at(upper, side, k, i)), 0, columns)
      }
    }
    for (let i = block + 4; i < side; i += 2) eliminate(upper, side, rows, rows, columns, block, i, 0)
  }
}

/** Upper triangle of matrix = diagonal I + rows^T rows of rows [depth,side]. */
export function gram(rows: usize, depth: i32, side: i32, diagonal: f64, matrix: usize): void {
  const bytes = (<usize>side * <usize>side) << 3
  memory.fill(matrix, 0, bytes)
  addToDiagonal(matrix, side, -diagonal, 0)
  for (let k = 0; k < depth; k += 4) {
    for (let i = 0; i < side; i += 2) eliminate(rows, side, rows, matrix, side, k, i, i)
  }
  for (let j: usize = 0; j < bytes; j += 16) v128.store(matrix + j, f64x2.neg(v128.load(matrix + j)))
}

/** Adds to the diagonal from row `first` on. */
export function addToDiagonal(matrix: usize, side: i32, value: f64, first: i32): void {
  for (let i = first; i < side; i++) {
    const place = at(matrix, side, i, i)
    store<f64>(place, load<f64>(place) + value)
  }
}

/** float32 [rows,columns] into the corner of float64 [height,width], the rest 0. */
export function widen(source: usize, rows: i32, columns: i32, target: usize, height: i32, width: i32): void {
  memory.fill(target, 0, (<usize>height * <usize>width) << 3)
  for (let i = 0; i < rows; i++) {
    let place = at(target, width, i, 0)
    for (let j = 0; j < columns; j++, source += 4, place += 8) store<f64>(place, <f64>load<f32>(source))
  }
}

/** The corner [rows,columns] of float64 rows of `width`, as float32. */
export function narrow(source: usize, width: i32, rows: i32, columns: i32, target: usize): void {
  for (let i = 0; i < rows; i++) {
    let place = at(source, width, i, 0)
    for (let j = 0; j < columns; j++, target += 4, place += 8) store<f32>(target, <f32>load<f64>(place))
  }
}

/** target [columns,rows] = source [rows,columns], transposed. */
export function transpose(source: usize, rows: i32, columns: i32, target: usize): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) store<f64>(at(target, rows, j, i), load<f64>(at(source, columns, i, j)))
  }
}
