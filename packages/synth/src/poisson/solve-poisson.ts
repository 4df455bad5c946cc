import { checkNumber, TabError } from '@tab/core'
import { sineTransform } from './sine-transform.ts'

/** Solves any number of Poisson problems on rectangles of one size. */
export interface PoissonSolver {
  /**
   * @param field [(rows+2) * (columns+2)]: the ring holds the given values; the inside is overwritten by the solution
   * @param divergence [rows * columns]: the sum of the four neighbours minus four times the value
   */
  solve(field: Float64Array, divergence: Float64Array): void
}

/**
 * Solves the five-point Poisson equation on a rectangle exactly, given the values on the surrounding ring. A sine transform along
 * the shorter side splits the problem into tridiagonal systems along the longer one (Hockney 1965).
 * @throws INVALID_ARGUMENT unless both sides are whole numbers from 1; `solve` throws it for fields of another size
 * @example
 * ```ts
 * import { poissonSolver } from '@tab/synth'
 * const field = Float64Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1) // a ring of ones around the pixel to find
 * poissonSolver(1, 1).solve(field, Float64Array.of(0))
 * console.log(field[4]?.toFixed(3)) // 1.000
 * ```
 */
export function poissonSolver(rows: number, columns: number): PoissonSolver {
  const where = 'poissonSolver'
  checkNumber(where, 'rows', rows, { integer: true, minimum: 1 })
  checkNumber(where, 'columns', columns, { integer: true, minimum: 1 })
  const stride = columns + 2
  const alongColumns = columns <= rows
  const [lines, length] = alongColumns ? [rows, columns] : [columns, rows] // `length` is transformed
  const transform = sineTransform(length)
  const eliminate = tridiagonalSolver(transform.eigenvalues, lines)
  const [stepY, stepX] = alongColumns ? [length, 1] : [1, length]
  const values = new Float64Array(lines * length)
  const spectrum = new Float64Array(lines * length)
  return {
    solve(field, divergence) {
      if (field.length !== (rows + 2) * stride || divergence.length !== rows * columns) {
        const expected = `a field of ${(rows + 2) * stride} values and a divergence of ${rows * columns}`
        throw new TabError('INVALID_ARGUMENT', { where, expected, actual: `${field.length} and ${divergence.length}` })
      }
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          let value = divergence[y * columns + x] as number
          const at = (y + 1) * stride + x + 1
          if (y === 0) value -= field[at - stride] as number
          if (y === rows - 1) value -= field[at + stride] as number
          if (x === 0) value -= field[at - 1] as number
          if (x === columns - 1) value -= field[at + 1] as number
          values[y * stepY + x * stepX] = value
        }
      }
      transform.apply(values, spectrum, lines)
      eliminate(spectrum)
      transform.apply(spectrum, values, lines)
      const scale = 2 / (length + 1)
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          field[(y + 1) * stride + x + 1] = (values[y * stepY + x * stepX] as number) * scale
        }
      }
    },
  }
}

/** Thomas's algorithm for every frequency at once: u[j-1] + (eigenvalue - 2) u[j] + u[j+1] = r[j], zero outside. */
function tridiagonalSolver(eigenvalues: Float64Array, lines: number): (values: Float64Array) => void {
  const length = eigenvalues.length
  const pivots = new Float64Array(lines * length)
  for (let at = 0; at < pivots.length; at++) {
    const before = at < length ? 0 : (pivots[at - length] as number)
    pivots[at] = 1 / ((eigenvalues[at % length] as number) - 2 - before)
  }
  return (values) => {
    for (let at = 0; at < length; at++) values[at] = (values[at] as number) * (pivots[at] as number)
    for (let at = length; at < values.length; at++) {
      values[at] = ((values[at] as number) - (values[at - length] as number)) * (pivots[at] as number)
    }
    for (let at = values.length - length - 1; at >= 0; at--) {
      values[at] = (values[at] as number) - (pivots[at] as number) * (values[at + length] as number)
    }
  }
}
