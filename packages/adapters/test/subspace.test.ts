import { describe, expect, test } from '@jest/globals'
import { loadDetector, patchFeatures, saveDetector, subspace, type SubspaceOptions } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import {
  createRng,
  randomNormal,
  referenceBackend,
  tensor,
  type DetectorState,
  type FeatureExtractor,
  type Tensor,
} from '@tab/core'
import { describeDetector, ensureClose, ensureIdentical, randomTensor } from '@tab/core/testing'
import fc from 'fast-check'
import * as ort from 'onnxruntime-node'
import { symmetricEigen } from '../src/linear-algebra/symmetric-eigen.ts'
import { tinyExtractor } from './tiny-extractor.ts'

const runner = { describe, test }
const recipe = (more: Partial<SubspaceOptions> = {}) =>
  subspace({ extractor: tinyExtractor(), backend: referenceBackend(), sigma: 2, ...more })

describeDetector('subspace on the reference backend', { create: () => recipe(), runner })
describeDetector('subspace of 90 % of the variance at two scales, on ONNX Runtime', {
  create: () => recipe({ backend: onnxBackend({ ort }), explainedVariance: 0.9, scales: [1, 0.5], imageScore: 'max' }),
  runner,
})

const normals = randomTensor('normals', [4, 48, 32, 3])
const tested = randomTensor('tested', [2, 48, 32, 3])
const GRID = { mapSize: 'grid', sigma: 0 } as const

async function rowsOf(images: Tensor): Promise<number[][]> {
  const features = await tinyExtractor().extract(images, ['layer2', 'layer3'])
  const { vectors } = patchFeatures([features.get('layer2') as Tensor, features.get('layer3') as Tensor])
  const [rows, dimension] = vectors.shape as [number, number]
  return Array.from({ length: rows }, (_, row) => [...vectors.data.subarray(row * dimension, (row + 1) * dimension)])
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)

/** Right singular vectors, those of the largest singular values first, by one-sided Jacobi rotations of the columns (Hestenes 1958). */
function denseSvd(rows: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const dimension = rows[0]?.length ?? 0
  const columns = Array.from({ length: dimension }, (_, d) => rows.map((row) => row[d] as number))
  const right = Array.from({ length: dimension }, (_, d) =>
    Array.from({ length: dimension }, (__, i) => (i === d ? 1 : 0)),
  )
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let p = 0; p < dimension; p++) {
      for (let q = p + 1; q < dimension; q++) {
        const [x, y] = [columns[p] as number[], columns[q] as number[]]
        const inner = dot(x, y)
        if (Math.abs(inner) < 1e-300) continue
        const angle = (dot(y, y) - dot(x, x)) / (2 * inner)
        const tangent = Math.sign(angle || 1) / (Math.abs(angle) + Math.sqrt(1 + angle * angle))
        const cosine = 1 / Math.sqrt(1 + tangent * tangent)
        for (const [a, b] of [
          [x, y],
          [right[p] as number[], right[q] as number[]],
        ] as const) {
          a.forEach((value, i) => {
            const other = b[i] as number
            a[i] = cosine * (value - tangent * other)
            b[i] = cosine * (other + tangent * value)
          })
        }
      }
    }
  }
  const order = columns.map((column, d) => ({ value: Math.sqrt(dot(column, column)), vector: right[d] as number[] }))
  order.sort((left, other) => other.value - left.value)
  return { values: order.map(({ value }) => value), vectors: order.map(({ vector }) => vector) }
}

describe('subspace', () => {
  test.each([
    [{ components: 0 }, () => 0],
    [{ components: 7 }, () => 7],
    [{ components: 9 }, () => 9], // of the 12 that these features span
    [{}, (values: readonly number[]) => fewest(values, 0.99)],
    [{ explainedVariance: 0.5 }, (values: readonly number[]) => fewest(values, 0.5)],
  ] as const)('%j: scores are the residuals of a dense SVD of the patches', async (more, count) => {
    const detector = await recipe({ ...GRID, ...more }).fit([normals])
    const { maps } = await detector.predict(tested)
    const [rows, others] = [await rowsOf(normals), await rowsOf(tested)]
    const mean = (rows[0] as number[]).map(
      (_, d) => rows.reduce((sum, row) => sum + (row[d] as number), 0) / rows.length,
    )
    const centred = (row: readonly number[]): number[] => row.map((value, d) => value - (mean[d] as number))
    const { values, vectors } = denseSvd(rows.map(centred))
    const kept = vectors.slice(0, count(values))
    const wanted = others.map((row) => {
      const left = centred(row)
      for (const vector of kept) {
        const share = dot(centred(row), vector)
        vector.forEach((value, d) => (left[d] = (left[d] as number) - share * value))
      }
      return Math.hypot(...left)
    })
    expect(Math.max(...wanted)).toBeGreaterThan(1e-4)
    maps.data.forEach((value, at) => expect(Math.abs(value - (wanted[at] as number))).toBeLessThan(1e-6))
    expect(detector.state().tensors['residual']?.shape).toEqual([28, 28 - kept.length])
  })

  function fewest(values: readonly number[], share: number): number {
    const total = values.reduce((sum, value) => sum + value ** 2, 0)
    let sum = 0
    return 1 + values.findIndex((value) => (sum += value ** 2) >= share * total)
  }

  test('batches do not matter, and good patches without any variance leave everything to the residual', async () => {
    const one = await (await recipe().fit([normals])).predict(tested)
    const each = [0, 1, 2, 3].map((i) => tensor([1, 48, 32, 3], normals.data.slice(i * 4608, (i + 1) * 4608)))
    const split = await (await recipe().fit(each)).predict(tested)
    ensureClose('scores', split.scores, one.scores, { relative: 1e-4 })
    const pixel = (level: number): Tensor => tensor([1, 1, 1, 3], new Float32Array(3).fill(level)) // the mean over 3 x 3 divides it by 9
    const grey = await recipe({ layers: ['pixels'], extractor: pixels }).fit([pixel(0.5), pixel(0.5)])
    expect((await grey.predict(pixel(1))).scores.data[0]).toBeCloseTo((0.5 * Math.sqrt(3)) / 9, 6)
  })

  test('a file holds it whole', async () => {
    const detector = await recipe({ components: 3, scales: [1, 0.5] }).fit([normals])
    const parts = { extractor: tinyExtractor(), backend: referenceBackend() }
    const { detector: loaded } = await loadDetector(await saveDetector(detector), parts)
    ensureIdentical('maps', (await loaded.predict(tested)).maps, (await detector.predict(tested)).maps)
    expect(loaded.state()).toEqual(detector.state())
  })

  test.each([
    [{ explainedVariance: 1 }, 'explainedVariance must be'],
    [{ explainedVariance: 0.9, components: 3 }, 'explainedVariance or components, got both'],
    [{ components: -1 }, 'components must be'],
    [{ components: 1.5 }, 'components must be'],
    [{ layers: ['layer9'] }, 'layers among'],
  ])('%j is refused', (more, message) => {
    expect(() => recipe(more)).toThrow(message)
  })

  test('as many components as a patch has values leave nothing to score with', async () => {
    await expect(recipe({ components: 28 }).fit([normals])).rejects.toThrow('components')
    await expect(recipe().fit([])).rejects.toThrow('at least one good image')
  })

  test('a damaged state is refused', async () => {
    const state = (await recipe({ components: 3 }).fit([normals])).state()
    const { mean, residual } = state.tensors as { mean: Tensor; residual: Tensor }
    const broken: Partial<DetectorState>[] = [
      { version: 2 },
      { extractorId: 'other' },
      { options: { ...state.options, components: 3.5 } },
      { options: { ...state.options, more: 1 } },
      { options: { size: [48, 32] } },
      { tensors: { mean } },
      { tensors: { mean, residual: { ...residual, shape: [residual.data.length, 1] } } },
      {
        tensors: {
          mean: tensor(
            mean.shape,
            mean.data.map(() => NaN),
          ),
          residual,
        },
      },
    ]
    for (const change of broken)
      await expect(recipe().restore({ ...state, ...change })).rejects.toThrow('subspace.restore')
  })
})

const pixels: FeatureExtractor = {
  id: 'pixels',
  layers: [{ name: 'pixels', channels: 3, stride: 1 }],
  extract: async (images) => new Map([['pixels', images]]),
  dispose: () => undefined,
}

describe('symmetricEigen', () => {
  /** A symmetric matrix with these eigenvalues, turned at random. */
  function withValues(values: readonly number[], seed: number): Float64Array {
    const n = values.length
    const rng = createRng(seed)
    const basis: number[][] = []
    while (basis.length < n) {
      const vector = Array.from({ length: n }, () => randomNormal(rng))
      for (const pass of [0, 1]) {
        void pass
        for (const other of basis) {
          const share = dot(vector, other)
          other.forEach((value, i) => (vector[i] = (vector[i] as number) - share * value))
        }
      }
      const length = Math.hypot(...vector)
      if (length > 1e-3) basis.push(vector.map((value) => value / length))
    }
    const matrix = new Float64Array(n * n)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        matrix[i * n + j] = values.reduce(
          (sum, value, k) => sum + value * (basis[k]?.[i] as number) * (basis[k]?.[j] as number),
          0,
        )
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[i * n + j] = matrix[j * n + i] as number
    return matrix
  }

  test('any symmetric matrix: its values descend, and its vectors are orthonormal and rebuild it', async () => {
    // Squares of the last two are 0 and infinite.
    const value = fc.oneof(
      fc.constantFrom(0, 1, -1, 1e-9, 1e6, -3.5e-162, 1e200),
      fc.double({ min: -100, max: 100, noNaN: true }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 12 }), fc.nat(), async (values, seed) => {
        const n = values.length
        const matrix = withValues(values, seed)
        const size = Math.max(1e-300, ...values.map(Math.abs))
        const { values: found, vectors } = await symmetricEigen('test', matrix.slice(), n)
        const descending = [...values].sort((left, right) => right - left)
        found.forEach((one, i) =>
          expect(Math.abs(one - (descending[i] as number))).toBeLessThanOrEqual(1e-12 * n * size),
        )
        const row = (i: number): number[] => [...vectors.subarray(i * n, (i + 1) * n)]
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            expect(Math.abs(dot(row(i), row(j)) - (i === j ? 1 : 0))).toBeLessThan(1e-12 * n)
            let rebuilt = 0
            for (let k = 0; k < n; k++)
              rebuilt += (found[k] as number) * (vectors[k * n + i] as number) * (vectors[k * n + j] as number)
            expect(Math.abs(rebuilt - (matrix[i * n + j] as number))).toBeLessThanOrEqual(1e-12 * n * size)
          }
        }
      }),
      { numRuns: 60, examples: [[[0, -3.5e-162], 0]] },
    )
  })

  test('a matrix that is not finite is refused, and a signal stops it', async () => {
    await expect(symmetricEigen('test', Float64Array.of(1, NaN, NaN, 1), 2)).rejects.toThrow(
      'test: eigenvalues that converge',
    )
  })
})
