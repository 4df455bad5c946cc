import { describe, expect, test } from '@jest/globals'
import { createRng } from '@tab/core'
import { blendPatch, poissonSolver } from '@tab/synth'
import fc from 'fast-check'

/** Gaussian elimination with pivots on the dense system of the five-point equation. */
function denseSolution(field: Float64Array, divergence: Float64Array, rows: number, columns: number): number[] {
  const [stride, count] = [columns + 2, rows * columns]
  const system = Array.from({ length: count }, (_, i) => {
    const row = new Float64Array(count + 1)
    const [y, x] = [Math.floor(i / columns), i % columns]
    row[i] = -4
    row[count] = divergence[i] as number
    for (const [ny, nx] of [
      [y - 1, x],
      [y + 1, x],
      [y, x - 1],
      [y, x + 1],
    ] as [number, number][]) {
      if (ny >= 0 && ny < rows && nx >= 0 && nx < columns) row[ny * columns + nx] = 1
      else row[count] = (row[count] as number) - (field[(ny + 1) * stride + nx + 1] as number)
    }
    return row
  })
  for (let pivot = 0; pivot < count; pivot++) {
    const sizes = system.map((row, i) => (i < pivot ? -1 : Math.abs(row[pivot] as number)))
    const at = sizes.indexOf(Math.max(...sizes))
    const best = system[at] as (typeof system)[number]
    ;[system[pivot], system[at]] = [best, system[pivot] as (typeof system)[number]]
    for (let other = 0; other < count; other++) {
      const row = system[other] as Float64Array
      const factor = (row[pivot] as number) / (best[pivot] as number)
      if (other === pivot || factor === 0) continue
      for (let k = pivot; k <= count; k++) row[k] = (row[k] as number) - factor * (best[k] as number)
    }
  }
  return system.map((row, i) => (row[count] as number) / (row[i] as number))
}

describe('poissonSolver', () => {
  test('equals a dense solve on any rectangle, far below half a grey level', () => {
    const sizes = fc.record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) })
    fc.assert(
      fc.property(sizes, fc.nat(), ({ rows, columns }, seed) => {
        const rng = createRng(seed)
        const field = Float64Array.from({ length: (rows + 2) * (columns + 2) }, () => rng())
        const divergence = Float64Array.from({ length: rows * columns }, () => rng() - 0.5)
        const wanted = denseSolution(field, divergence, rows, columns)
        const ring = field.slice()
        poissonSolver(rows, columns).solve(field, divergence)
        wanted.forEach((value, i) => {
          const at = (Math.floor(i / columns) + 1) * (columns + 2) + (i % columns) + 1
          expect(Math.abs((field[at] as number) - value)).toBeLessThan(1e-10)
          ring[at] = field[at] as number
        })
        expect([...field]).toEqual([...ring])
      }),
      { numRuns: 60 },
    )
  })

  test('solves its own equation on a patch of everyday size', () => {
    const [rows, columns] = [61, 84]
    const rng = createRng('large')
    const field = Float64Array.from({ length: (rows + 2) * (columns + 2) }, () => rng())
    const divergence = Float64Array.from({ length: rows * columns }, () => rng() - 0.5)
    poissonSolver(rows, columns).solve(field, divergence)
    const stride = columns + 2
    let worst = 0
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const at = (y + 1) * stride + x + 1
        const [up, down] = [field[at - stride] as number, field[at + stride] as number]
        const [left, right] = [field[at - 1] as number, field[at + 1] as number]
        const residual = up + down + left + right - 4 * (field[at] as number) - (divergence[y * columns + x] as number)
        worst = Math.max(worst, Math.abs(residual))
      }
    }
    expect(worst).toBeLessThan(1e-10)
  })
})

describe('blendPatch', () => {
  const image = (): Float32Array =>
    Float32Array.from({ length: 40 * 40 * 3 }, (_, at) => 0.3 + 0.001 * (Math.floor(at / 3) % 40))
  const patch = (value: (y: number, x: number) => number) => ({
    height: 12,
    width: 14,
    data: Float32Array.from({ length: 12 * 14 * 3 }, (_, at) => value(Math.floor(at / 42), Math.floor(at / 3) % 14)),
  })

  test('a flat patch smooths over, a patch with the gradients of the image changes nothing', () => {
    const pixels = image()
    blendPatch(
      pixels,
      40,
      10,
      10,
      patch((_, x) => 0.7 + 0.001 * x),
      'source',
    )
    const before = image()
    expect(Math.max(...pixels.map((value, at) => Math.abs(value - (before[at] as number))))).toBeLessThan(1e-6)
  })

  test('mixed gradients keep the structure of the image under a flat patch; source gradients do not', () => {
    const striped = (): Float32Array =>
      Float32Array.from({ length: 40 * 40 * 3 }, (_, at) => (Math.floor(at / 3) % 4 < 2 ? 0.4 : 0.5))
    const [mixed, source] = [striped(), striped()]
    blendPatch(
      mixed,
      40,
      10,
      10,
      patch(() => 0.5),
      'mixed',
    )
    blendPatch(
      source,
      40,
      10,
      10,
      patch(() => 0.5),
      'source',
    )
    const contrast = (pixels: Float32Array): number => {
      const row = Array.from({ length: 8 }, (_, x) => pixels[(15 * 40 + 13 + x) * 3] as number)
      return Math.max(...row) - Math.min(...row)
    }
    expect(contrast(mixed)).toBeCloseTo(0.1, 2)
    expect(contrast(source)).toBeLessThan(0.5 * contrast(mixed))
  })
})
