import { createPause, TabError } from '@tab/core'

/** Eigenvalues of a symmetric matrix in descending order, and their eigenvectors. */
export interface SymmetricEigen {
  /** [n] */
  readonly values: Float64Array
  /** [n,n], row i is the eigenvector of length 1 of value i. */
  readonly vectors: Float64Array
}

const MOST_SWEEPS = 60 // of QL per eigenvalue; two are usual

/**
 * Eigendecomposition by Householder reflections to a tridiagonal matrix and implicit QL (Martin, Reinsch and Wilkinson 1968; Golub and Van
 * Loan, algorithms 8.3.1 and 8.3.3), in float64. Errors of the values are of the order of the largest one times the rounding of float64.
 * @param matrix [n,n], symmetric; overwritten
 * @throws NUMERICAL for a matrix that is not finite, ABORTED
 */
export async function symmetricEigen(
  where: string,
  matrix: Float64Array,
  n: number,
  signal?: AbortSignal,
): Promise<SymmetricEigen> {
  const pause = createPause(where, signal)
  const unit = unitOf(matrix)
  for (let i = 0; i < matrix.length; i++) matrix[i] = (matrix[i] as number) / unit
  const { diagonal, beside } = await tridiagonal(matrix, n, pause)
  const rows = new Float64Array(n * n)
  for (let i = 0; i < n; i++) rows[i * n + i] = 1
  await implicitQl(where, diagonal, beside, rows, pause)
  await reflectBack(matrix, rows, n, pause)
  const order = Array.from(diagonal.keys()).sort(
    (left, right) => (diagonal[right] as number) - (diagonal[left] as number),
  )
  const vectors = new Float64Array(n * n)
  order.forEach((from, to) => vectors.set(rows.subarray(from * n, (from + 1) * n), to * n))
  return { values: Float64Array.from(order, (from) => unit * (diagonal[from] as number)), vectors }
}

/** The power of two next to the largest value: divided by it, no square underflows or overflows, and no digit changes. */
function unitOf(matrix: Float64Array): number {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return largest > 0 && largest < Infinity ? 2 ** Math.floor(Math.log2(largest)) : 1
}

type Pause = () => Promise<void> | undefined

/** Leaves the vector of each reflection in its row, scaled so that the reflection is I - v v^T. */
async function tridiagonal(
  a: Float64Array,
  n: number,
  pause: Pause,
): Promise<{ diagonal: Float64Array; beside: Float64Array }> {
  const diagonal = new Float64Array(n)
  const beside = new Float64Array(n)
  const w = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = a[k * n + k] as number
    const v = a.subarray(k * n, (k + 1) * n) // from k + 1 on
    let squared = 0
    for (let i = k + 1; i < n; i++) squared += (v[i] as number) ** 2
    const head = v[k + 1] as number
    const alpha = head > 0 ? -Math.sqrt(squared) : Math.sqrt(squared)
    beside[k] = alpha
    const length = 2 * (squared - alpha * head) // |v|^2 with v = x - alpha e
    if (!(length > 0)) {
      v.fill(0, k + 1)
      continue
    }
    const scale = Math.sqrt(2 / length)
    v[k + 1] = head - alpha
    for (let i = k + 1; i < n; i++) v[i] = (v[i] as number) * scale
    let inner = 0
    for (let i = k + 1; i < n; i++) {
      const row = i * n
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += (a[row + j] as number) * (v[j] as number)
      w[i] = sum
      inner += sum * (v[i] as number)
    }
    for (let i = k + 1; i < n; i++) w[i] = (w[i] as number) - (inner / 2) * (v[i] as number)
    for (let i = k + 1; i < n; i++) {
      const row = i * n
      const [vi, wi] = [v[i] as number, w[i] as number]
      for (let j = k + 1; j < n; j++)
        a[row + j] = (a[row + j] as number) - vi * (w[j] as number) - wi * (v[j] as number)
    }
    await pause()
  }
  diagonal[n - 1] = a[n * n - 1] as number
  return { diagonal, beside }
}

/** Turns the diagonal into eigenvalues, and the rows into eigenvectors of the tridiagonal matrix. */
async function implicitQl(
  where: string,
  d: Float64Array,
  e: Float64Array,
  rows: Float64Array,
  pause: Pause,
): Promise<void> {
  const n = d.length
  const norm = d.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(e[i] as number)), 0)
  const negligible = Number.EPSILON * norm
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first
      while (last < n - 1 && !(Math.abs(e[last] as number) <= negligible)) last++
      if (last === first) break
      if (sweep === MOST_SWEEPS) {
        throw new TabError('NUMERICAL', {
          where,
          expected: 'eigenvalues that converge',
          actual: `none after ${sweep} sweeps`,
        })
      }
      const shift = ((d[first + 1] as number) - (d[first] as number)) / (2 * (e[first] as number))
      const root = Math.sqrt(shift * shift + 1)
      let g = (d[last] as number) - (d[first] as number) + (e[first] as number) / (shift + (shift < 0 ? -root : root))
      let [sine, cosine, moved] = [1, 1, 0]
      let i = last - 1
      for (; i >= first; i--) {
        const f = sine * (e[i] as number)
        const b = cosine * (e[i] as number)
        let r = Math.sqrt(f * f + g * g)
        e[i + 1] = r
        if (r === 0) {
          d[i + 1] = (d[i + 1] as number) - moved
          e[last] = 0
          break
        }
        sine = f / r
        cosine = g / r
        g = (d[i + 1] as number) - moved
        r = ((d[i] as number) - g) * sine + 2 * cosine * b
        moved = sine * r
        d[i + 1] = g + moved
        g = cosine * r - b
        rotate(rows, n, i, sine, cosine)
      }
      if (i >= first) continue
      d[first] = (d[first] as number) - moved
      e[first] = g
      e[last] = 0
      await pause()
    }
  }
}

/** Rotates rows i and i + 1 into each other. */
function rotate(rows: Float64Array, n: number, i: number, sine: number, cosine: number): void {
  for (let at = i * n, next = at + n; at < (i + 1) * n; at++, next++) {
    const [above, below] = [rows[at] as number, rows[next] as number]
    rows[next] = sine * above + cosine * below
    rows[at] = cosine * above - sine * below
  }
}

/** Applies the reflections in their reverse order, which turns the rows into eigenvectors of the matrix. */
async function reflectBack(reflections: Float64Array, rows: Float64Array, n: number, pause: Pause): Promise<void> {
  for (let row = 0; row < n; row++) {
    const vector = rows.subarray(row * n, (row + 1) * n)
    for (let k = n - 2; k >= 0; k--) {
      const v = reflections.subarray(k * n, (k + 1) * n)
      let inner = 0
      for (let i = k + 1; i < n; i++) inner += (v[i] as number) * (vector[i] as number)
      for (let i = k + 1; i < n; i++) vector[i] = (vector[i] as number) - inner * (v[i] as number)
    }
    await pause()
  }
}
