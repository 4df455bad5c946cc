/** Eigenvalues and eigenvectors of a symmetric matrix. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array
  /** [n,n], row-major: row i is the unit eigenvector of value i. */
  readonly vectors: Float64Array
}

const EPSILON = 2 ** -52

/**
 * Eigendecomposition by Householder's reduction to a tridiagonal matrix and QL steps with implicit shifts, as EISPACK's tred2 and tql2
 * do it. It computes with + - * / and square roots alone: the same bits everywhere.
 * @param matrix symmetric [n,n]; it is not changed
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const rows = Array.from({ length: n }, (_, row) => matrix.slice(row * n, (row + 1) * n))
  const { diagonal, beside } = tridiagonal(rows, n)
  const columns = Array.from({ length: n }, (_, column) => Float64Array.from(rows, (row) => at(row, column)))
  qlSteps(diagonal, beside, columns, n)
  const order = Array.from({ length: n }, (_, index) => index).sort((a, b) => at(diagonal, b) - at(diagonal, a))
  const vectors = new Float64Array(n * n)
  order.forEach((from, to) => vectors.set(columns[from] as Float64Array, to * n))
  return { values: Float64Array.from(order, (index) => at(diagonal, index)), vectors }
}

const at = (values: Float64Array | undefined, index: number): number => (values as Float64Array)[index] as number
const length = (a: number, b: number): number => Math.sqrt(a * a + b * b)

/** Replaces `v` by the orthogonal matrix of the reduction. */
function tridiagonal(v: readonly Float64Array[], n: number): { diagonal: Float64Array; beside: Float64Array } {
  const d = Float64Array.from(v[n - 1] as Float64Array)
  const e = new Float64Array(n)
  for (let i = n - 1; i > 0; i--) {
    const [row, above] = [v[i] as Float64Array, v[i - 1] as Float64Array]
    let scale = 0
    let h = 0
    for (let k = 0; k < i; k++) scale += Math.abs(at(d, k))
    if (scale === 0) {
      e[i] = at(d, i - 1)
      for (let j = 0; j < i; j++) {
        d[j] = at(above, j)
        row[j] = 0
        ;(v[j] as Float64Array)[i] = 0
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] = at(d, k) / scale
        h += at(d, k) * at(d, k)
      }
      const last = at(d, i - 1)
      const root = last > 0 ? -Math.sqrt(h) : Math.sqrt(h)
      e[i] = scale * root
      h -= last * root
      d[i - 1] = last - root
      e.fill(0, 0, i)
      for (let j = 0; j < i; j++) {
        const f = at(d, j)
        ;(v[j] as Float64Array)[i] = f
        let g = at(e, j) + at(v[j], j) * f
        for (let k = j + 1; k < i; k++) {
          g += at(v[k], j) * at(d, k)
          e[k] = at(e, k) + at(v[k], j) * f
        }
        e[j] = g
      }
      let f = 0
      for (let j = 0; j < i; j++) {
        e[j] = at(e, j) / h
        f += at(e, j) * at(d, j)
      }
      const half = f / (h + h)
      for (let j = 0; j < i; j++) e[j] = at(e, j) - half * at(d, j)
      for (let j = 0; j < i; j++) {
        const [dj, ej] = [at(d, j), at(e, j)]
        for (let k = j; k < i; k++) {
          const line = v[k] as Float64Array
          line[j] = at(line, j) - (dj * at(e, k) + ej * at(d, k))
        }
        d[j] = at(above, j)
        row[j] = 0
      }
    }
    d[i] = h
  }
  for (let i = 0; i < n - 1; i++) {
    const last = v[n - 1] as Float64Array
    last[i] = at(v[i], i)
    ;(v[i] as Float64Array)[i] = 1
    const h = at(d, i + 1)
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = at(v[k], i + 1) / h
      for (let j = 0; j <= i; j++) {
        let g = 0
        for (let k = 0; k <= i; k++) g += at(v[k], i + 1) * at(v[k], j)
        for (let k = 0; k <= i; k++) (v[k] as Float64Array)[j] = at(v[k], j) - g * at(d, k)
      }
    }
    for (let k = 0; k <= i; k++) (v[k] as Float64Array)[i + 1] = 0
  }
  const last = v[n - 1] as Float64Array
  d.set(last)
  last.fill(0)
  last[n - 1] = 1
  e[0] = 0
  return { diagonal: d, beside: e }
}

/** Turns the diagonal into eigenvalues, and the columns of the reduction into eigenvectors. */
function qlSteps(d: Float64Array, e: Float64Array, columns: readonly Float64Array[], n: number): void {
  e.copyWithin(0, 1)
  e[n - 1] = 0
  let shift = 0
  let largest = 0
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(at(d, l)) + Math.abs(at(e, l)))
    let m = l
    while (m < n - 1 && Math.abs(at(e, m)) > EPSILON * largest) m++
    while (m > l && Math.abs(at(e, l)) > EPSILON * largest) {
      const before = at(d, l)
      let p = (at(d, l + 1) - before) / (2 * at(e, l))
      const r = p < 0 ? -length(p, 1) : length(p, 1)
      d[l] = at(e, l) / (p + r)
      d[l + 1] = at(e, l) * (p + r)
      const next = at(d, l + 1)
      const step = before - at(d, l)
      for (let i = l + 2; i < n; i++) d[i] = at(d, i) - step
      shift += step
      p = at(d, m)
      const besideNext = at(e, l + 1)
      let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0]
      for (let i = m - 1; i >= l; i--) {
        ;[c3, c2, s2] = [c2, c, s]
        const g = c * at(e, i)
        const h = c * p
        const radius = length(p, at(e, i))
        e[i + 1] = s * radius
        s = at(e, i) / radius
        c = p / radius
        p = c * at(d, i) - s * g
        d[i + 1] = h + s * (c * g + s * at(d, i))
        rotate(columns[i] as Float64Array, columns[i + 1] as Float64Array, c, s)
      }
      p = (-s * s2 * c3 * besideNext * at(e, l)) / next
      e[l] = s * p
      d[l] = c * p
    }
    d[l] = at(d, l) + shift
    e[l] = 0
  }
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let k = 0; k < a.length; k++) {
    const [first, second] = [a[k] as number, b[k] as number]
    b[k] = s * first + c * second
    a[k] = c * first - s * second
  }
}
